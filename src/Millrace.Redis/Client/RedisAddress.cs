using System.Globalization;

namespace Millrace.Redis;

/// <summary>Where a Redis is: <c>redis://user:password@host:6379/0</c>, and <c>rediss://</c> with TLS.</summary>
internal sealed record RedisAddress(string Host, int Port, bool IsSecure, string? User, string? Password, int Database)
{
    /// <summary>What an address must be, for people.</summary>
    public const string Form = "an address such as redis://user:password@host:6379/0, or rediss://… with TLS";

    private const int UsualPort = 6379;

    /// <summary>Reads an address; null when it is none.</summary>
    public static RedisAddress? TryParse(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
            text = "redis://" + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            return null;
        if (uri.Scheme is not ("redis" or "rediss"))
            return null;
        var path = uri.AbsolutePath.Trim('/');
        var database = 0;
        if (path.Length > 0 && !int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out database))
            return null;
        var user = uri.UserInfo.Split(':', 2);
        return new RedisAddress(
            uri.IdnHost.Trim('[', ']'),
            uri.Port > 0 ? uri.Port : UsualPort,
            uri.Scheme == "rediss",
            user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            database);
    }

    /// <summary>The address without user and password.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}/{Database}");
}
