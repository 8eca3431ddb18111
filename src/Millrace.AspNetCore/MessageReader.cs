using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Millrace.AspNetCore;

/// <summary>Reads a command or query from a request: body, then query string, then route, each over the one before.</summary>
internal sealed class MessageReader
{
    private readonly JsonTypeInfo _type;

    /// <exception cref="InvalidOperationException">The model has no JSON metadata for the type.</exception>
    public MessageReader(Type type, ModelCatalog model)
    {
        _type = JsonOf(type, model);
        var description = model.Describe(type);
        Summary = description?.Summary;
        var members = (description?.Members ?? []).Where(member => !member.IsReadOnly);
        Members = [.. members.Select(member => new MessageMember(member, model.Json))];
    }

    public IReadOnlyList<MessageMember> Members { get; }

    /// <summary>What the message is for, in words; null when nobody said.</summary>
    public string? Summary { get; }

    public static JsonTypeInfo JsonOf(Type type, ModelCatalog model) =>
        model.Json.TryGetTypeInfo(type, out var found)
            ? found
            : throw new InvalidOperationException(
                $"The model has no JSON metadata for {type.Name}: add it to a model, or register it with ModelBuilder.Json.");

    public MessageMember? Find(string name) => Members.FirstOrDefault(member => member.IsNamed(name));

    /// <exception cref="MalformedMessageException">The request is not such a message; says everything that is wrong where it
    /// can.</exception>
    public async ValueTask<object> Read(HttpContext http, bool hasBody)
    {
        var members = hasBody ? await JsonBody.Read(http).ConfigureAwait(false) : [];
        foreach (var (name, texts) in http.Request.Query)
            Set(members, name, texts);
        foreach (var (name, value) in http.Request.RouteValues)
        {
            if (value is string text)
                Set(members, name, text);
        }
        RefuseMissing(members);
        return Convert(members);
    }

    private void Set(JsonObject members, string name, StringValues texts)
    {
        if (Find(name) is not { } member)
            return;
        foreach (var given in members.Select(given => given.Key).Where(member.IsNamed).ToArray())
            members.Remove(given);
        members[member.Name] = member.Read(texts);
    }

    private void RefuseMissing(JsonObject members)
    {
        var missing = Members
            .Where(member => member.IsRequired
                && !members.Any(given => string.Equals(given.Key, member.Name, StringComparison.OrdinalIgnoreCase)))
            .Select(member => new ValidationProblem(member.Name, "It is missing."))
            .ToArray();
        if (missing.Length > 0)
            throw new MalformedMessageException($"Missing: {string.Join(", ", missing.Select(problem => problem.Member))}.", missing);
    }

    private object Convert(JsonObject members)
    {
        try
        {
            return JsonSerializer.Deserialize(members, _type) ?? throw new MalformedMessageException("The body must be a JSON object.", []);
        }
        catch (JsonException exception)
        {
            var member = exception.Path is ['$', '.', ..] path ? path[2..] : "$";
            var message = (exception.InnerException as MillraceException)?.Message ?? $"It is not what it must be: {exception.Message}";
            throw new MalformedMessageException($"{member}: {message}", [new ValidationProblem(member, message)]);
        }
    }
}
