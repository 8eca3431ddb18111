using System.Buffers;

namespace Millrace;

/// <summary>An instance of a service, as it is registered.</summary>
/// <param name="Id">Its id, unique among those of its name; 1 to 200 characters.</param>
/// <param name="Name">The service's name: lower case letters, digits, dashes and dots; 1 to 100 characters.</param>
/// <param name="Address">Its host name or IP address.</param>
/// <param name="Port">Its port, from 1 to 65,535.</param>
public sealed record ServiceInstance(string Id, string Name, string Address, int Port)
{
    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <summary>What it is marked with.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>How it says it is.</summary>
    public ServiceHealth Health { get; init; }

    /// <summary>When it was last heard of; set by the registry.</summary>
    public DateTimeOffset LastCheck { get; init; }

    /// <summary>Where it is, over HTTP.</summary>
    public Uri Url => new UriBuilder(Uri.UriSchemeHttp, Address, Port).Uri;

    /// <summary>Refuses what cannot be registered.</summary>
    /// <exception cref="InvalidNameException">A name, an id or the address is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is none.</exception>
    public void Check()
    {
        CheckName(Name);
        if (Id is not { Length: > 0 and <= 200 } || Id.AsSpan().ContainsAny('\0', '/'))
            throw new InvalidNameException(
                "id of a service", Id ?? "", "it must have from 1 to 200 characters, without NUL and '/'");
        if (Uri.CheckHostName(Address) == UriHostNameType.Unknown)
            throw new InvalidNameException("address of a service", Address, "it must be a host name or an IP address");
        ArgumentOutOfRangeException.ThrowIfLessThan(Port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, 65_535);
    }

    /// <summary>Refuses what is no name of a service.</summary>
    /// <exception cref="InvalidNameException">It is none.</exception>
    public static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 100 || name.AsSpan().ContainsAnyExcept(Letters))
            throw new InvalidNameException(
                "service", name, "it must have from 1 to 100 lower case letters, digits, dashes and dots");
    }
}
