using Npgsql;

namespace Millrace.Shared.PostgreSql;

/// <summary>
/// Parses database addresses: <c>postgres://user:password@host:5432/database?sslmode=require</c>. An address may name
/// several servers: <c>postgres://user@one:5432,two:5432/database</c>.
/// </summary>
internal static class DatabaseAddress
{
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    /// <summary>Returns true if a text is a database address.</summary>
    public static bool IsAddress(string text) =>
        Array.Exists(Schemes, scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>Converts an address to a connection string of Npgsql. Returns any other text unchanged.</summary>
    /// <exception cref="FormatException">The text starts like an address but is not valid.</exception>
    public static string ToConnectionString(string text)
    {
        if (!IsAddress(text))
            return text;
        var (single, hosts) = ExtractHosts(text);
        if (!Uri.TryCreate(single, UriKind.Absolute, out var address))
            throw new FormatException(
                "The address of the database is not well formed. Write postgres://user:password@host:5432/database."
            );
        var builder = new NpgsqlConnectionStringBuilder { Host = hosts ?? Uri.UnescapeDataString(address.Host) };
        if (hosts is null && address.Port > 0)
            builder.Port = address.Port;
        if (address.AbsolutePath.Length > 1)
            builder.Database = Uri.UnescapeDataString(address.AbsolutePath[1..]);
        var user = address.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            Set(builder, pair.Split('=', 2));
        return builder.ConnectionString;
    }

    /// <summary>
    /// Returns the address with only its first server, and the list of all servers if there are several.
    /// </summary>
    private static (string Single, string? Hosts) ExtractHosts(string text)
    {
        var begin = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = text.AsSpan(begin).IndexOfAny("/?#") is var at and >= 0 ? begin + at : text.Length;
        begin = text.LastIndexOf('@', end - 1, end - begin) is var user and >= 0 ? user + 1 : begin;
        var hosts = text[begin..end];
        var comma = hosts.IndexOf(',', StringComparison.Ordinal);
        return comma < 0
            ? (text, null)
            : (
                string.Concat(text.AsSpan(0, begin), hosts.AsSpan(0, comma), text.AsSpan(end)),
                Uri.UnescapeDataString(hosts));
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string[] pair)
    {
        var name = Uri.UnescapeDataString(pair[0]);
        var value = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "";
        var keyword = name.ToLowerInvariant() switch
        {
            "sslmode" => "SSL Mode",
            "sslrootcert" => "Root Certificate",
            "sslcert" => "SSL Certificate",
            "sslkey" => "SSL Key",
            "application_name" => "Application Name",
            "connect_timeout" => "Timeout",
            "options" => "Options",
            "target_session_attrs" => "Target Session Attributes",
            _ => name,
        };
        builder[keyword] = keyword == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
    }
}
