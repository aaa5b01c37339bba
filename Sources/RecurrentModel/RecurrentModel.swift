// A custom operation needs the contract's operations and regions, and every user needs Device and RecurrentError.
@_exported import RecurrentCore
