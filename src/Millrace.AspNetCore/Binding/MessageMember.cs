using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;
using Millrace.Serialization;

namespace Millrace.AspNetCore.Binding;

/// <summary>A member of a command or query that requests can set.</summary>
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

    /// <summary>Gets whether the member has one item for each text.</summary>
    public bool IsList { get; }

    /// <summary>Gets the name in JSON.</summary>
    public string Name => Description.Name;

    public JsonTypeInfo Type { get; }

    /// <summary>Gets whether a request without the member is rejected.</summary>
    public bool IsRequired => Description.IsRequired;

    /// <summary>Returns true if a name in a route or a query string refers to this member.</summary>
    public bool IsNamed(string name) => IsNamed(Name, name);

    /// <summary>
    /// Returns true if two names are equivalent: <c>page_size</c>, <c>page-size</c> and <c>PageSize</c> refer to
    /// <c>pageSize</c>.
    /// </summary>
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
    /// Reads texts from a route or a query string as JSON of the member's type. A list has one item for each text. Any
    /// other member accepts only one text. Returns the problem, or null if the texts are valid.
    /// </summary>
    public string? Read(StringValues texts, out JsonNode? value)
    {
        value = null;
        if (IsList)
            return ReadList(texts, out value);
        if (texts.Count > 1 && !_text.AllowsSeveral)
            return $"It is given {texts.Count} times, but only one value is allowed.";
        // Several texts are joined by commas.
        return ReadOne(texts.ToString(), static candidate => candidate, out value);
    }

    private string? ReadList(StringValues texts, out JsonNode? value)
    {
        value = null;
        var items = new JsonArray();
        foreach (var text in texts)
        {
            if (ReadOne(text ?? "", static candidate => new JsonArray(candidate), out var list) is { } problem)
                return problem;
            items.Add(list![0]?.DeepClone()); // The text was read as a list of one item.
        }
        value = items;
        return null;
    }

    /// <summary>Converts a text. The member's type validates the text.</summary>
    private string? ReadOne(string text, Func<JsonNode?, JsonNode?> asMember, out JsonNode? value)
    {
        var problem = $"'{Shorten(text)}' cannot be read"
            + (_text.Expected is { } expected ? $": it must be {expected}." : ".");
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
                if (exception.InnerException is MillraceException refused)
                    problem = refused.Message;
            }
        }
        value = null;
        return problem;
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";
}
