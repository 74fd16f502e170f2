namespace Breakwater.Protocols.Captures;

/// <summary>A file's content is of no format that can be read; the message says what it begins with and what is understood.</summary>
public sealed class UnknownCaptureFormatException(string message) : Exception(message);
