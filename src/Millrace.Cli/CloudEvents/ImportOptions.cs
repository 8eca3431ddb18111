namespace Millrace.Cli.CloudEvents;

/// <summary>The differences between the file and the store that an import allows.</summary>
/// <param name="Renumbers">True when the store assigns new versions to the events of each stream.</param>
/// <param name="Retimes">True when the store records the time of the import and keeps the event's time in its
/// metadata.</param>
internal readonly record struct ImportOptions(bool Renumbers, bool Retimes);
