"""A web application that registers users and confirms their e-mail address.

It is written for these tests, with the models, routes, forms, settings and commands of the
application that regctl works with, and runs on its packages as they were pinned or as they are
today: see package_set.py.
"""
