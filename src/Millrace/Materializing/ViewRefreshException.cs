namespace Millrace;

/// <summary>Thrown when a refresh of a materialized view failed. Reads return the rows of the last refresh.</summary>
/// <param name="view">The name of the view.</param>
/// <param name="problem">What failed.</param>
/// <param name="innerException">The error of the query, if it is known here.</param>
public sealed class ViewRefreshException(string view, string problem, Exception? innerException = null)
    : MillraceException($"The materialized view '{view}' could not be refreshed: {problem}", innerException)
{
    /// <summary>Gets the name of the view.</summary>
    public string View { get; } = view;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
