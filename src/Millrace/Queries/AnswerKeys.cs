using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Queries;

/// <summary>Creates the keys of the answers to one type of query.</summary>
internal sealed class AnswerKeys<TQuery>
{
    private const int HashBytes = 16;

    private readonly JsonTypeInfo<TQuery> _json;
    private readonly string _tenant;
    private readonly string _rest;

    /// <param name="tenant">The tenant; empty without tenants.</param>
    /// <param name="query">The name of the query.</param>
    /// <param name="build">The code that computes answers, and the versions of what it reads.</param>
    /// <param name="json">The JSON metadata of the query.</param>
    public AnswerKeys(string tenant, string query, string build, JsonTypeInfo<TQuery> json)
    {
        _json = json;
        _tenant = AnswerKeys.StartOf(tenant);
        _rest = $":{query}:{Hash(Encoding.UTF8.GetBytes(build))}:";
    }

    /// <summary>Returns the key of a query. A hash, because the query can contain personal data.</summary>
    /// <param name="query">The query.</param>
    /// <param name="user">The id of the user; null if all users share the answer.</param>
    /// <param name="log">The identity of the log.</param>
    public string Of(TQuery query, string? user, string log)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(query, _json);
        return string.Concat(
            _tenant,
            log,
            _rest,
            Hash(user is null ? json : [.. json, 0, .. Encoding.UTF8.GetBytes(user)])); // JSON contains no 0.
    }

    private static string Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Base64Url.EncodeToString(hash[..HashBytes]);
    }
}

/// <summary>The form of the keys of all answers.</summary>
internal static class AnswerKeys
{
    /// <summary>Returns the start of the keys of a tenant, which no other tenant's keys have.</summary>
    public static string StartOf(string tenant) => tenant + ":"; // The name of a tenant contains no colon.
}
