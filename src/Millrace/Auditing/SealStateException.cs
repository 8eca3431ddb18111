namespace Millrace;

/// <summary>
/// Thrown when the stored hashes of the log's events do not belong together. No further seal is made, because the
/// database may have been manipulated: run <c>millrace audit verify</c>.
/// </summary>
public sealed class SealStateException : MillraceException
{
    internal SealStateException(string problem)
        : base(
            $"The log cannot be sealed: {problem} The database may have been manipulated, or only a part of it was "
                + "restored. Run 'millrace audit verify' with the anchors.") => Problem = problem;

    /// <summary>Gets the problem.</summary>
    public string Problem { get; }
}
