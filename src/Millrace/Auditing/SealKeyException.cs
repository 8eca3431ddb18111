namespace Millrace;

/// <summary>Thrown when a key of the seals cannot be read. The application does not start.</summary>
public sealed class SealKeyException : MillraceException
{
    internal SealKeyException(string path, string reason, Exception? innerException = null)
        : base($"The key '{path}' of the seals cannot be used: {reason}", innerException) =>
        (Path, Reason) = (path, reason);

    /// <summary>Gets the path of the file.</summary>
    public string Path { get; }

    /// <summary>Gets the reason, with a hint how to fix the problem.</summary>
    public string Reason { get; }
}
