namespace Millrace;

/// <summary>The route of one type of command to its handler.</summary>
internal abstract class CommandRoute;

/// <summary>
/// The route of one type of command to its handler, typed by the answer. Sealed, so that a type check is one
/// comparison.
/// </summary>
internal sealed class CommandRoute<TResult>(CommandDispatch<TResult> dispatch) : CommandRoute
{
    public readonly CommandDispatch<TResult> Dispatch = dispatch;
}
