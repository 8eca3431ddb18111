using System.Buffers;

namespace Millrace;

/// <summary>A registered instance of a service.</summary>
/// <param name="Id">The id, unique within the service; 1 to 200 characters.</param>
/// <param name="Name">The name of the service, with 1 to 100 lower-case letters, digits, dashes and dots.</param>
/// <param name="Address">The host name or IP address.</param>
/// <param name="Port">The port, from 1 to 65,535.</param>
public sealed record ServiceInstance(string Id, string Name, string Address, int Port)
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <summary>Gets the tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Gets the health that the instance reports.</summary>
    public ServiceHealth Health { get; init; }

    /// <summary>Gets the time of the last heartbeat. The registry sets this value.</summary>
    public DateTimeOffset LastCheck { get; init; }

    /// <summary>Gets the HTTP address of the instance.</summary>
    public Uri Url => new UriBuilder(Uri.UriSchemeHttp, Address, Port).Uri;

    /// <summary>Throws an exception if the instance is not valid.</summary>
    /// <exception cref="InvalidNameException">A name, an id or the address is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of range.</exception>
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

    /// <summary>Throws an exception if a service name is not valid.</summary>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    public static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 100 || name.AsSpan().ContainsAnyExcept(NameCharacters))
            throw new InvalidNameException(
                "service", name, "it must have from 1 to 100 lower case letters, digits, dashes and dots");
    }
}
