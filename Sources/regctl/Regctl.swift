@main enum Regctl { static func main() {} }
