using System.Globalization;
using System.Net;

namespace Millrace.Shared.Redis;

/// <summary>
/// The address of Redis: <c>redis://user:password@host:6379/0</c>, and <c>rediss://</c> with TLS. Several hosts are
/// separated by commas.
/// </summary>
internal sealed record RedisAddress(
    IReadOnlyList<DnsEndPoint> Hosts, bool IsSecure, string? User, string? Password, int Database)
{
    /// <summary>The description of a valid address.</summary>
    public const string Form =
        "an address such as redis://user:password@host:6379/0, or rediss://… with TLS; several hosts are separated "
        + "by commas";

    private const int UsualPort = 6379;

    /// <summary>Parses an address; returns null if it is not valid.</summary>
    public static RedisAddress? TryParse(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
            text = "redis://" + text;
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = text.IndexOf('/', start) is >= 0 and var slash ? slash : text.Length;
        var at = text.LastIndexOf('@', end - 1, end - start) is >= 0 and var sign ? sign + 1 : start;
        var hosts = new List<DnsEndPoint>();
        Uri? first = null;
        foreach (var host in text[at..end].Split(','))
        {
            if (Read(text[..at] + host + text[end..]) is not { } uri)
                return null;
            first ??= uri;
            hosts.Add(new DnsEndPoint(uri.IdnHost.Trim('[', ']'), uri.Port > 0 ? uri.Port : UsualPort));
        }
        return first is null || DatabaseOf(first) is not { } database ? null : Create(first, hosts, database);
    }

    /// <summary>Returns the address without user and password.</summary>
    public override string ToString() =>
        string.Join(',', Hosts.Select(Text)) + string.Create(CultureInfo.InvariantCulture, $"/{Database}");

    private static Uri? Read(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "redis" or "rediss"
        && uri.Host.Length > 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? uri
            : null;

    private static int? DatabaseOf(Uri uri)
    {
        var path = uri.AbsolutePath.Trim('/');
        return path.Length == 0 ? 0
            : int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out var database) ? database
            : null;
    }

    private static RedisAddress Create(Uri uri, List<DnsEndPoint> hosts, int database)
    {
        var user = uri.UserInfo.Split(':', 2);
        return new RedisAddress(
            hosts,
            uri.Scheme == "rediss",
            user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            database);
    }

    private static string Text(DnsEndPoint host) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(host.Host.Contains(':', StringComparison.Ordinal) ? $"[{host.Host}]" : host.Host)}:{host.Port}");
}
