using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;
using Millrace.Serialization;

namespace Millrace.AspNetCore;

/// <summary>A member of a command or query as requests name it.</summary>
internal sealed class MessageMember(MemberDescription member, ModelCatalog model)
{
    private readonly bool _isList = model.Describe(member.Type) is { Form: TypeForm.List };

    public MemberDescription Description => member;

    /// <summary>Its name in JSON.</summary>
    public string Name => member.Name;

    public JsonTypeInfo Type { get; } = model.Json.GetTypeInfo(member.Type);

    /// <summary>Whether a request without it is refused.</summary>
    public bool IsRequired => member.IsRequired;

    /// <summary>Tells whether a name in a route or a query string means this member.</summary>
    public bool IsNamed(string name) => IsNamed(Name, name);

    /// <summary>Tells whether a name means another: <c>page_size</c>, <c>page-size</c> and <c>PageSize</c> mean <c>pageSize</c>.</summary>
    public static bool IsNamed(string memberName, string name)
    {
        var at = 0;
        foreach (var character in name)
        {
            if (character is '_' or '-')
                continue;
            if (at == memberName.Length || char.ToUpperInvariant(character) != char.ToUpperInvariant(memberName[at]))
                return false;
            at++;
        }
        return at == memberName.Length;
    }

    /// <summary>
    /// Reads texts from a route or a query string as JSON of the member's type: a list has as many items as there are texts, all else is
    /// given once. Returns what is wrong with them; null when nothing is.
    /// </summary>
    public string? Read(StringValues texts, out JsonNode? value)
    {
        value = null;
        if (!_isList)
        {
            return texts.Count > 1
                ? $"It is given {texts.Count} times, but is one value."
                : ReadOne(texts.ToString(), static candidate => candidate, out value);
        }
        var items = new JsonArray();
        foreach (var text in texts)
        {
            if (ReadOne(text ?? "", static candidate => new JsonArray(candidate), out var list) is { } problem)
                return problem;
            items.Add(list![0]?.DeepClone()); // Read as a list of one.
        }
        value = items;
        return null;
    }

    /// <summary>Finds out what a text stands for by having the member's type read it.</summary>
    private string? ReadOne(string text, Func<JsonNode, JsonNode> asMember, out JsonNode? value)
    {
        var failure = "it cannot be read";
        foreach (var candidate in Candidates(text))
        {
            value = asMember(candidate);
            try
            {
                JsonSerializer.Deserialize(value, Type);
                return null;
            }
            catch (JsonException exception)
            {
                failure = exception.InnerException?.Message ?? exception.Message;
            }
        }
        value = null;
        return $"'{Shorten(text)}' cannot be read: {failure}";
    }

    /// <summary>A text may stand for a JSON text, number or boolean; which, the member's type tells.</summary>
    private static IEnumerable<JsonNode> Candidates(string text)
    {
        yield return JsonValue.Create(text);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            yield return JsonValue.Create(whole);
        else if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            yield return JsonValue.Create(number);
        if (bool.TryParse(text, out var flag))
            yield return JsonValue.Create(flag);
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";
}
