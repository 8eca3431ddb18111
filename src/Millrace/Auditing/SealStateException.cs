namespace Millrace;

/// <summary>
/// Thrown when the events and their stored hashes do not belong together. There is no proof, and no further seal is
/// made, because the database may have been manipulated: run <c>millrace audit verify</c>.
/// </summary>
public sealed class SealStateException : MillraceException
{
    internal SealStateException(string problem)
        : base(
            $"The log cannot be sealed: {problem} The database may have been manipulated, or only a part of it was "
                + "restored. Run 'millrace audit verify' with the anchors.") => Problem = problem;

    internal SealStateException(long position, SealStateException innerException)
        : base(
            $"There is no proof for position {position}: {innerException.Problem} The database may have been "
                + "manipulated, or only a part of it was restored. Run 'millrace audit verify' with the anchors.",
            innerException) => Problem = innerException.Problem;

    /// <summary>Gets the problem.</summary>
    public string Problem { get; }
}
