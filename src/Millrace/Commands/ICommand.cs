namespace Millrace;

/// <summary>
/// A request for a change, which may be refused. The name is in the imperative, such as <c>PlaceOrder</c>.
/// </summary>
/// <typeparam name="TResult">The type of the answer.</typeparam>
public interface ICommand<TResult>;

/// <summary>A command without a return value.</summary>
public interface ICommand : ICommand<Nothing>;

/// <summary>An empty answer.</summary>
public readonly record struct Nothing;

/// <summary>The result of a command.</summary>
/// <param name="Value">The value that the handler returned.</param>
/// <param name="Version">The version of the first stream that the command wrote; 0 if it wrote nothing.</param>
/// <param name="Token">The token for queries that must reflect the command's effect.</param>
/// <param name="WasRepeated">True if a command with the same idempotency key was handled before. The result then
/// contains the first answer.</param>
public readonly record struct CommandResult<TResult>(
    TResult Value, long Version, ConsistencyToken Token, bool WasRepeated);
