"""The application that regctl works with, on packages of two generations, and regctl beside it."""
