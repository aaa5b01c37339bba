@_exported import RecurrentModel
