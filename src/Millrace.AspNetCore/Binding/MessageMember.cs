using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;
using Millrace.Serialization;

namespace Millrace.AspNetCore;

/// <summary>A member of a command or query as requests name it.</summary>
internal sealed class MessageMember
{
    private readonly MemberTextReader _text;

    public MessageMember(MemberDescription member, ModelCatalog model)
    {
        var list = model.Describe(member.Type) is { Form: TypeForm.List } found ? found : null;
        IsList = list is not null;
        Description = member;
        Type = model.Json.GetTypeInfo(member.Type);
        _text = new MemberTextReader(list?.Inner ?? member.Type, model);
    }

    public MemberDescription Description { get; }

    /// <summary>Whether it has as many items as there are texts for it.</summary>
    public bool IsList { get; }

    /// <summary>Its name in JSON.</summary>
    public string Name => Description.Name;

    public JsonTypeInfo Type { get; }

    /// <summary>Whether a request without it is refused.</summary>
    public bool IsRequired => Description.IsRequired;

    /// <summary>Tells whether a name in a route or a query string means this member.</summary>
    public bool IsNamed(string name) => IsNamed(Name, name);

    /// <summary>Tells whether a name means another: <c>page_size</c>, <c>page-size</c> and <c>PageSize</c> mean
    /// <c>pageSize</c>.</summary>
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
    /// Reads texts from a route or a query string as JSON of the member's type: a list has as many items as there are
    /// texts, all else is given once. Returns what is wrong with them; null when nothing is.
    /// </summary>
    public string? Read(StringValues texts, out JsonNode? value)
    {
        value = null;
        if (IsList)
            return ReadList(texts, out value);
        if (texts.Count > 1 && !_text.AllowsSeveral)
            return $"It is given {texts.Count} times, but is one value.";
        return ReadOne(texts.ToString(), static candidate => candidate, out value); // Several are joined by commas.
    }

    private string? ReadList(StringValues texts, out JsonNode? value)
    {
        value = null;
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

    /// <summary>Finds out what a text stands for; the member's type checks it.</summary>
    private string? ReadOne(string text, Func<JsonNode?, JsonNode?> asMember, out JsonNode? value)
    {
        var failure = _text.Expected is { } expected ? $"it must be {expected}." : "it cannot be read";
        foreach (var candidate in _text.Read(text))
        {
            value = asMember(candidate);
            if (_text.IsPlain)
                return null;
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

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";
}
