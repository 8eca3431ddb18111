using System.Globalization;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>Addresses of databases: <c>postgres://user:password@host:5432/database?sslmode=require</c>.</summary>
public static class PostgreSqlAddress
{
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    /// <summary>Tells whether a text is such an address.</summary>
    public static bool IsAddress(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Array.Exists(Schemes, scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Turns an address into a connection string of Npgsql; any other text is one already.</summary>
    /// <exception cref="FormatException">It begins as an address and is none.</exception>
    public static string ToConnectionString(string text)
    {
        if (!IsAddress(text))
            return text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address))
            throw new FormatException("The address of the database is not well formed. Write postgres://user:password@host:5432/database.");
        var builder = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(address.Host) };
        if (address.Port > 0)
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

    /// <summary>A database in words, without user and password: <c>PostgreSQL host:5432/database</c>.</summary>
    /// <param name="text">An address or a connection string.</param>
    public static string Describe(string text)
    {
        var settings = new NpgsqlConnectionStringBuilder(ToConnectionString(text));
        return string.Create(
            CultureInfo.InvariantCulture, $"PostgreSQL {settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}");
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string[] pair)
    {
        var (name, value) = (Uri.UnescapeDataString(pair[0]), pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "");
        var keyword = name.ToLowerInvariant() switch
        {
            "sslmode" => "SSL Mode",
            "sslrootcert" => "Root Certificate",
            "sslcert" => "SSL Certificate",
            "sslkey" => "SSL Key",
            "application_name" => "Application Name",
            "connect_timeout" => "Timeout",
            "options" => "Options",
            _ => name,
        };
        builder[keyword] = keyword == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
    }
}
