using System.Globalization;
using Millrace.Shared.PostgreSql;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Parses database addresses: <c>postgres://user:password@host:5432/database?sslmode=require</c>. An address may name
/// several servers, of which the primary is used: <c>postgres://user@one:5432,two:5432/database</c>.
/// </summary>
public static class PostgreSqlAddress
{
    /// <summary>Returns true if a text is a database address.</summary>
    public static bool IsAddress(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return DatabaseAddress.IsAddress(text);
    }

    /// <summary>Converts an address to a connection string of Npgsql. Returns any other text unchanged.</summary>
    /// <exception cref="FormatException">The text starts like an address but is not valid.</exception>
    public static string ToConnectionString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return DatabaseAddress.ToConnectionString(text);
    }

    /// <summary>Describes a database without user and password: <c>PostgreSQL host:5432/database</c>.</summary>
    /// <param name="text">An address or a connection string.</param>
    public static string Describe(string text)
    {
        var settings = new NpgsqlConnectionStringBuilder(ToConnectionString(text));
        var hosts = (settings.Host ?? "").Split(',').Select(host => HasPort(host)
            ? host
            : string.Create(CultureInfo.InvariantCulture, $"{host}:{settings.Port}"));
        return $"PostgreSQL {string.Join(',', hosts)}/{settings.Database ?? settings.Username}";
    }

    private static bool HasPort(string host) => host.IndexOf(']', StringComparison.Ordinal) is var end and >= 0
        ? host.IndexOf(':', end) >= 0
        : host.Count(':') == 1; // An IPv6 address without brackets has more.
}
