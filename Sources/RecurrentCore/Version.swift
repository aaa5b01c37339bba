/// The version of the package and of the command line.
public let recurVersion = "0.1.0"
