using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Messaging;

namespace Millrace.Shared.Settings;

/// <summary>
/// Finds the address of a broker in the configuration. The setting has the common name
/// <c>Millrace:Messaging:{transport}:Address</c> or the broker's usual name.
/// </summary>
internal static class TransportAddress
{
    private const string Name = "Address";
    private const string Uri = "Uri";
    private const string Nodes = "Nodes";

    /// <summary>Returns the names of address settings in the section of a transport.</summary>
    public static string[] NamesOf(string? transport) => transport switch
    {
        "rabbitmq" => [Name, Uri, Nodes],
        "memory" => [],
        _ => [Name], // Custom transports may read it as well.
    };

    /// <summary>Returns the address, or null if neither setting exists.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="transport">The name of the transport.</param>
    /// <param name="ownName">The setting with the broker's usual name, such as <c>Millrace:Kafka:Servers</c>.</param>
    /// <exception cref="OptionsValidationException">Both settings exist, with different addresses.</exception>
    public static string? Of(IConfiguration? configuration, string transport, string ownName)
    {
        var common = $"Millrace:Messaging:{transport}:{Name}";
        var commonAddress = configuration?[common];
        var ownAddress = configuration?[ownName];
        if (commonAddress is not { Length: > 0 })
            return ownAddress is { Length: > 0 } ? ownAddress : null;
        return ownAddress is not { Length: > 0 } || ownAddress == commonAddress
            ? commonAddress
            : throw new OptionsValidationException(
                transport,
                typeof(TransportOptions),
                [$"{common}: contains another address than {ownName}. Remove one of them."]);
    }
}
