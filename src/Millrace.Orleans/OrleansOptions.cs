using System.Net;

namespace Millrace.Orleans;

/// <summary>
/// Options for commands that are handled where their aggregate is in memory. The configuration section
/// <c>Millrace:Orleans</c> overrides the application's code. They are read when the application starts.
/// </summary>
public sealed class OrleansOptions
{
    /// <summary>
    /// Gets or sets the connection string or address of the PostgreSQL database in which the nodes of the cluster find
    /// each other; null if the application configures the clustering of Orleans itself.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>
    /// Gets or sets the name of the cluster; 1 to 100 characters, <c>millrace</c> by default. Nodes with the same name
    /// handle commands for each other if they use the same store. Give each store its own name.
    /// </summary>
    public string Cluster { get; set; } = "millrace";

    /// <summary>
    /// Gets or sets the TCP port at which this node receives commands of other nodes; from 1 to 65,535, 11,111 by
    /// default.
    /// </summary>
    public int Port { get; set; } = 11_111;

    /// <summary>
    /// Gets or sets the IP address at which other nodes reach this node. By default, an address of this machine's
    /// network.
    /// </summary>
    public string? Host { get; set; }

    /// <summary>
    /// Gets or sets the time after which an unused aggregate is no longer bound to its node; from 2 minutes to 1 day,
    /// 15 minutes by default.
    /// </summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Gets or sets the time after which a command that another node handles is in doubt; from 1 second to 1 hour,
    /// 5 minutes by default. If the other node stops, the sender does not wait so long.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(5);

    internal IPAddress? HostAddress => Host is null ? null : IPAddress.Parse(Host);

    internal IEnumerable<string> Problems()
    {
        if (Address is not null && string.IsNullOrWhiteSpace(Address))
            yield return "Address: must be the address of a PostgreSQL database, or null.";
        if (Cluster is not { Length: > 0 and <= 100 })
            yield return "Cluster: must have from 1 to 100 characters.";
        if (Port is < 1 or > 65_535)
            yield return $"Port: must be from 1 to 65,535, but is {Port}.";
        if (Host is not null && !IPAddress.TryParse(Host, out _))
            yield return $"Host: must be an IP address, but is '{Host}'.";
        if (IdleAfter < TimeSpan.FromMinutes(2) || IdleAfter > TimeSpan.FromDays(1))
            yield return $"IdleAfter: must be from 2 minutes to 1 day, but is {IdleAfter}.";
        if (CommandTimeout < TimeSpan.FromSeconds(1) || CommandTimeout > TimeSpan.FromHours(1))
            yield return $"CommandTimeout: must be from 1 second to 1 hour, but is {CommandTimeout}.";
    }
}
