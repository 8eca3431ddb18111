namespace Millrace.Testing;

/// <summary>A command of a generated history, with the arguments it was made with.</summary>
internal sealed record HistoryCommand<TAggregate>(string Name, object? Arguments, Action<TAggregate> Run);
