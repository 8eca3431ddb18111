namespace Millrace;

/// <summary>A request to change something, which may be refused. Imperative: <c>PlaceOrder</c>.</summary>
/// <typeparam name="TResult">What the answer carries.</typeparam>
public interface ICommand<TResult>;

/// <summary>A command whose answer carries nothing but what it did.</summary>
public interface ICommand : ICommand<Nothing>;

/// <summary>The answer that says nothing.</summary>
public readonly record struct Nothing;

/// <summary>What a command did.</summary>
/// <param name="Value">What its handler returned.</param>
/// <param name="Version">The version of the first stream it wrote to; 0 when it wrote nothing.</param>
/// <param name="Token">Hand it to queries that must see the command's effect.</param>
/// <param name="WasRepeated">True when a command with the same idempotency key was handled before, and this is its
/// first answer.</param>
public readonly record struct CommandResult<TResult>(
    TResult Value, long Version, ConsistencyToken Token, bool WasRepeated);
