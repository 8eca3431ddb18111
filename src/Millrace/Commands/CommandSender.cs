namespace Millrace;

/// <summary>Sends a command of the application's own, with the services of a scope of its own.</summary>
internal delegate Task CommandSender(
    CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken);
