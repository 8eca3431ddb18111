using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Access;

/// <summary>Creates and writes JSON without the members that the user of a request may not see.</summary>
internal static class FilteredJson
{
    /// <summary>Returns the JSON of a value; null if the user may see all of it.</summary>
    /// <exception cref="AccessDeniedException">The user may not view a document in the value.</exception>
    public static async ValueTask<JsonNode?> Of(HttpContext http, object? value, Type type) =>
        EndpointAccess.IsOn(http.RequestServices)
            ? await http.RequestServices
                .GetRequiredService<AccessControl>()
                .Filter(http.User, value, type, http.RequestAborted)
                .ConfigureAwait(false)
            : null;

    /// <summary>Returns the JSON of a list; null if the user may see all of it.</summary>
    /// <inheritdoc cref="Of"/>
    public static async ValueTask<JsonNode?> OfList<T>(HttpContext http, IReadOnlyList<T> items, JsonTypeInfo type)
    {
        if (!EndpointAccess.IsOn(http.RequestServices))
            return null;
        var hasChanged = false;
        var list = new JsonArray();
        foreach (var item in items)
        {
            var filtered = await Of(http, item, typeof(T)).ConfigureAwait(false);
            hasChanged |= filtered is not null;
            list.Add(filtered ?? JsonSerializer.SerializeToNode(item, type));
        }
        return hasChanged ? list : null;
    }

    /// <summary>Throws if the user may not see members by which documents were selected or sorted.</summary>
    /// <exception cref="AccessDeniedException">The user may not see one of the members.</exception>
    public static ValueTask DemandMembers(HttpContext http, Type type, IReadOnlyCollection<string> members) =>
        EndpointAccess.IsOn(http.RequestServices)
            ? http.RequestServices
                .GetRequiredService<AccessControl>()
                .DemandMembers(http.User, type, members, http.RequestAborted)
            : ValueTask.CompletedTask;

    /// <summary>Writes the JSON as the response.</summary>
    public static async Task Write(HttpContext http, JsonNode json)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        await using (writer.ConfigureAwait(false))
            json.WriteTo(writer);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }
}
