using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Messaging;

namespace Millrace;

/// <summary>
/// Where the configuration says that a broker is: under a name that is the same for each,
/// <c>Millrace:Messaging:{transport}:Address</c>, or under the one that its own field uses.
/// </summary>
internal static class TransportAddress
{
    private const string Name = "Address";
    private const string Uri = "Uri";
    private const string Nodes = "Nodes";

    /// <summary>The names of addresses below the section of a transport.</summary>
    public static string[] NamesOf(string? transport) => transport switch
    {
        "rabbitmq" => [Name, Uri, Nodes],
        "memory" => [],
        _ => [Name], // A broker of somebody's own may read it there as well.
    };

    /// <summary>The address; null where none is said.</summary>
    /// <param name="configuration">Where the settings are.</param>
    /// <param name="transport">The transport.</param>
    /// <param name="own">The setting by the field's own name, such as <c>Millrace:Kafka:Servers</c>.</param>
    /// <exception cref="OptionsValidationException">Both are said, and name different places.</exception>
    public static string? Of(IConfiguration? configuration, string transport, string own)
    {
        var common = $"Millrace:Messaging:{transport}:{Name}";
        var (said, alsoSaid) = (configuration?[common], configuration?[own]);
        if (said is not { Length: > 0 })
            return alsoSaid is { Length: > 0 } ? alsoSaid : null;
        return alsoSaid is not { Length: > 0 } || alsoSaid == said
            ? said
            : throw new OptionsValidationException(
                transport,
                typeof(TransportOptions),
                [$"{common}: names another place than {own}. Say it in one of them."]);
    }
}
