namespace Millrace;

/// <summary>Thrown when an anchor cannot be written to its file or sent to its address. The consumer
/// <c>seal-anchors</c> repeats it until it succeeds.</summary>
public sealed class SealAnchorException : MillraceException
{
    internal SealAnchorException(string target, string reason, Exception? innerException = null)
        : base($"The anchor of a seal cannot be written to {target}: {reason}", innerException) => Target = target;

    /// <summary>Gets the file or the address.</summary>
    public string Target { get; }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
