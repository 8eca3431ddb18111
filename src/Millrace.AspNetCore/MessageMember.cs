using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;
using Millrace.Serialization;

namespace Millrace.AspNetCore;

/// <summary>A member of a command or query as requests name it.</summary>
internal sealed class MessageMember(MemberDescription member, JsonSerializerOptions json)
{
    private readonly JsonTypeInfo _type = json.GetTypeInfo(member.Type);

    public MemberDescription Description => member;

    /// <summary>Its name in JSON.</summary>
    public string Name => member.Name;

    public JsonTypeInfo Type => _type;

    /// <summary>Whether a request without it is refused.</summary>
    public bool IsRequired => member.IsRequired;

    /// <summary>
    /// Tells whether a name in a route or a query string means this member: <c>page_size</c> and <c>page-size</c> mean <c>pageSize</c>.
    /// </summary>
    public bool IsNamed(string name)
    {
        var at = 0;
        foreach (var character in name)
        {
            if (character is '_' or '-')
                continue;
            if (at == Name.Length || char.ToUpperInvariant(character) != char.ToUpperInvariant(Name[at]))
                return false;
            at++;
        }
        return at == Name.Length;
    }

    /// <summary>Reads texts from a route or a query string as JSON of the member's type.</summary>
    /// <exception cref="MalformedMessageException">They are not such a value.</exception>
    public JsonNode? Read(StringValues texts)
    {
        if (_type.Kind != JsonTypeInfoKind.Enumerable)
            return ReadOne(texts.ToString(), _type);
        var element = json.GetTypeInfo(_type.ElementType ?? typeof(string));
        var array = new JsonArray();
        foreach (var text in texts)
            array.Add(ReadOne(text ?? "", element));
        return array;
    }

    private JsonNode? ReadOne(string text, JsonTypeInfo type)
    {
        var failure = "it cannot be read";
        foreach (var candidate in Candidates(text))
        {
            try
            {
                JsonSerializer.Deserialize(candidate, type);
                return candidate;
            }
            catch (JsonException exception)
            {
                failure = exception.InnerException?.Message ?? exception.Message;
            }
        }
        var problem = new ValidationProblem(Name, $"'{Shorten(text)}' is not a {_type.Type.Name}: {failure}");
        throw new MalformedMessageException($"{problem.Member}: {problem.Message}", [problem]);
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
