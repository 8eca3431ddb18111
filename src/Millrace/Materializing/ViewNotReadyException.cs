namespace Millrace;

/// <summary>
/// Thrown when a materialized view is read before its first rows were computed, or while the rows of an immediate view
/// are not valid.
/// </summary>
/// <param name="view">The name of the view.</param>
/// <param name="problem">Why there are no rows.</param>
/// <param name="innerException">The error of the refresh, if it is known here.</param>
public sealed class ViewNotReadyException(string view, string problem, Exception? innerException = null)
    : MillraceException($"The materialized view '{view}' has no rows yet: {problem}", innerException)
{
    /// <summary>Gets the name of the view.</summary>
    public string View { get; } = view;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
