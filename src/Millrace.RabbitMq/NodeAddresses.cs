namespace Millrace.RabbitMq;

/// <summary>
/// The addresses of a cluster's nodes. The first one is <see cref="RabbitMqOptions.Uri"/>. The others differ from it
/// only in host and port.
/// </summary>
internal static class NodeAddresses
{
    private const int MaxNodes = 20;
    private const int NoPort = -1;

    /// <summary>Returns all addresses without duplicates, with <see cref="RabbitMqOptions.Uri"/> first.</summary>
    public static IReadOnlyList<Uri> Of(RabbitMqOptions options)
    {
        var first = new Uri(options.Uri);
        return
        [
            .. Parts(options.Nodes)
                .Select(node => WithHostOf(first, new Uri("amqp://" + node)))
                .Prepend(first)
                .Distinct(),
        ];
    }

    /// <summary>
    /// Returns the problems with the nodes. The messages do not contain the addresses, because these may contain a
    /// password.
    /// </summary>
    public static IEnumerable<string> Problems(string nodes)
    {
        var parts = Parts(nodes);
        if (parts.Length > MaxNodes)
            yield return $"{nameof(RabbitMqOptions.Nodes)}: must be at most {MaxNodes}, but are {parts.Length}.";
        if (Array.FindIndex(parts, part => !IsNode(part)) is >= 0 and var index)
            yield return $"{nameof(RabbitMqOptions.Nodes)}: must be host or host:port, several separated by commas, "
                + $"but number {index + 1} is not. User, password, virtual host and TLS are those of "
                + $"{nameof(RabbitMqOptions.Uri)}.";
    }

    private static string[] Parts(string? nodes) =>
        string.IsNullOrWhiteSpace(nodes) ? [] : nodes.Split(',', StringSplitOptions.TrimEntries);

    private static bool IsNode(string part) => part.IndexOfAny(['/', '@', '?', '#']) < 0
        && Uri.TryCreate("amqp://" + part, UriKind.Absolute, out var node) && node.Host.Length > 0;

    private static Uri WithHostOf(Uri first, Uri node) =>
        new UriBuilder(first) { Host = node.Host, Port = node.Port == NoPort ? first.Port : node.Port }.Uri;
}
