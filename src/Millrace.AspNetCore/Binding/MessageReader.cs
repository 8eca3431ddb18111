using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Millrace.Serialization;

namespace Millrace.AspNetCore.Binding;

/// <summary>
/// Reads a command or query from a request. The route overrides the query string, which overrides the body.
/// </summary>
internal sealed class MessageReader
{
    private readonly JsonTypeInfo _type;
    private readonly MemberSpellingCheck _spelling;

    /// <exception cref="InvalidOperationException">The model has no JSON metadata for the type.</exception>
    public MessageReader(Type type, ModelCatalog model)
    {
        _type = JsonOf(type, model);
        _spelling = new MemberSpellingCheck(model);
        var description = model.Describe(type);
        Summary = description?.Summary;
        IsPolymorphic = description?.Form == TypeForm.Polymorphic;
        var members = (description is null ? [] : MembersOf(description)).Where(member => !member.IsReadOnly);
        Members = [.. members.Select(member => new MessageMember(member, model))];
    }

    public IReadOnlyList<MessageMember> Members { get; }

    /// <summary>
    /// Gets whether the body can have one of several object types. <see cref="Members"/> then has only the members that
    /// all these types have.
    /// </summary>
    public bool IsPolymorphic { get; }

    /// <summary>Gets the description of the message, or null if the message has none.</summary>
    public string? Summary { get; }

    public static JsonTypeInfo JsonOf(Type type, ModelCatalog model) =>
        model.Json.TryGetTypeInfo(type, out var found)
            ? found
            : throw new InvalidOperationException(
                $"The model has no JSON metadata for {type.Name}: add it to a model, or register it with "
                    + "ModelBuilder.Json."
            );

    /// <exception cref="MalformedMessageException">The request is not a valid message. Reports all problems where
    /// possible.</exception>
    public async ValueTask<object> Read(HttpContext http, bool hasBody)
    {
        var members = hasBody ? await JsonBody.Read(http).ConfigureAwait(false) : [];
        var problems = new List<ValidationProblem>();
        _spelling.Check(members, _type.Type, "", problems);
        SetFromQuery(members, http.Request.Query, problems);
        foreach (var name in http.Request.RouteValues.Keys)
        {
            if (Find(name) is { } member && RouteValueReader.Of(http, name) is { } text)
                Set(members, member, text, problems);
        }
        if (!hasBody)
            SetEmptyLists(members, problems);
        var missing = Members.Where(member => member.IsRequired && !members.ContainsKey(member.Name));
        foreach (var member in missing.Where(member => problems.TrueForAll(problem => problem.Member != member.Name)))
            problems.Add(new ValidationProblem(member.Name, "It is missing."));
        if (problems.Count > 0)
        {
            var all = string.Join(" ", problems.Select(problem => $"{problem.Member}: {problem.Message}"));
            throw new MalformedMessageException(all, problems);
        }
        return Convert(members);
    }

    private static IEnumerable<MemberDescription> MembersOf(TypeDescription description) =>
        description.Variants is [var first, ..]
            ? first.Description.Members.Where(member => description.Variants.All(variant =>
                variant.Description.Members.Any(same => same.Name == member.Name && same.Type == member.Type)))
            : description.Members;

    private MessageMember? Find(string name) => Members.FirstOrDefault(member => member.IsNamed(name));

    private void SetFromQuery(JsonObject members, IQueryCollection query, List<ValidationProblem> problems)
    {
        var given = new HashSet<MessageMember>();
        foreach (var (name, texts) in query)
        {
            if (Find(name) is not { } member)
                continue;
            if (given.Add(member))
                Set(members, member, texts, problems);
            else
                problems.Add(
                    new ValidationProblem(member.Name, $"It is given under two names, one of which is '{name}'."));
        }
    }

    /// <summary>
    /// Adds an empty list for each missing list. A query string can express an empty list only by omitting the member.
    /// </summary>
    private void SetEmptyLists(JsonObject members, List<ValidationProblem> problems)
    {
        foreach (var member in Members.Where(member => member is { IsList: true, IsRequired: true }))
        {
            if (problems.TrueForAll(problem => problem.Member != member.Name))
                members.TryAdd(member.Name, new JsonArray());
        }
    }

    private static void Set(
        JsonObject members, MessageMember member, StringValues texts, List<ValidationProblem> problems)
    {
        members.Remove(member.Name);
        if (member.Read(texts, out var value) is { } problem)
            problems.Add(new ValidationProblem(member.Name, problem));
        else
            members.Add(member.Name, value);
    }

    private object Convert(JsonObject members)
    {
        try
        {
            return JsonSerializer.Deserialize(members, _type)
                ?? throw new MalformedMessageException("The body must be a JSON object.", []);
        }
        catch (JsonException exception)
        {
            var message = JsonProblem.Describe(exception);
            if (exception.Path is not ['$', '.', .. var member])
                throw new MalformedMessageException(message, [new ValidationProblem("$", message)]);
            throw new MalformedMessageException($"{member}: {message}", [new ValidationProblem(member, message)]);
        }
    }
}
