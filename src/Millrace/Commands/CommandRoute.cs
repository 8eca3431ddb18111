namespace Millrace;

/// <summary>The way of one type of command to its handler.</summary>
internal abstract class CommandRoute;

/// <summary>
/// The way of one type of command to its handler, by the type of its answer. Sealed, so that asking for its type costs
/// a comparison.
/// </summary>
internal sealed class CommandRoute<TResult>(CommandDispatch<TResult> dispatch) : CommandRoute
{
    public readonly CommandDispatch<TResult> Dispatch = dispatch;
}
