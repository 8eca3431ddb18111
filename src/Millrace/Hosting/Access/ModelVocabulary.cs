using Millrace.Security;
using Millrace.Serialization;
using Millrace.Shared.Settings;

namespace Millrace.Hosting.Access;

/// <summary>The names of a model that rules can be about.</summary>
internal sealed class ModelVocabulary : IAccessVocabulary
{
    private readonly ModelCatalog _model;
    private readonly Dictionary<AccessAction, string[]> _names;
    private readonly string[] _roles;
    private readonly MemberPaths _paths;

    public ModelVocabulary(ModelCatalog model, AccessBuilder access)
    {
        _model = model;
        _paths = new MemberPaths(model);
        UserIdClaim = access.UserIdClaim;
        _roles = [.. access.Roles.Keys, AccessBuilder.Anonymous, AccessBuilder.Authenticated];
        _names = new Dictionary<AccessAction, string[]>
        {
            [AccessAction.Send] = [.. model.Commands.Select(command => command.Name)],
            [AccessAction.Ask] = [.. model.Queries.Select(query => query.Name)],
            [AccessAction.Read] =
            [
                .. model.Aggregates.Select(aggregate => aggregate.Category),
                .. model.Deciders.Select(decider => decider.Category),
                .. model.Projections.Select(projection => projection.Stream).OfType<string>(),
            ],
            [AccessAction.View] = [.. model.Projections.Select(projection => projection.Name)],
            [AccessAction.Operate] = [.. OperatorActions.All],
        };
        foreach (var (action, name) in access.Names)
            _names[action] = [.. _names.GetValueOrDefault(action, []), name];
        Names = _names.ToDictionary(
            names => AccessRights.WordOf(names.Key),
            names => (IReadOnlyList<string>)[.. names.Value.Distinct().Order(StringComparer.Ordinal)],
            StringComparer.Ordinal);
    }

    public string UserIdClaim { get; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Names { get; }

    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    public string CommandOf(Type type) => _model.FindCommand(type)?.Name ?? throw new HandlerNotFoundException(type);

    /// <exception cref="HandlerNotFoundException">No handler is registered for the query.</exception>
    public string QueryOf(Type type) => _model.FindQuery(type)?.Name ?? throw new HandlerNotFoundException(type);

    /// <exception cref="AccessRightException">There is no read model with documents of the type.</exception>
    public string ReadModelOf(Type type) =>
        _model.Projections.FirstOrDefault(projection => projection.DocumentType == type)?.Name
        ?? throw new AccessRightException("view " + type.Name, $"no read model has documents of the type {type.Name}");

    /// <summary>Returns the path in JSON of a member of documents that code names as in C#.</summary>
    public string PathOf(AccessPermission permission, string member) =>
        DocumentOf(permission) is { } document ? _paths.NameOf(document, member) : member;

    /// <summary>Returns the name in JSON of a member that code names as in C#.</summary>
    public string MemberOf(AccessPermission permission, string member) =>
        MembersOf(permission)?.FirstOrDefault(name => string.Equals(name, member, StringComparison.OrdinalIgnoreCase))
        ?? member;

    public string? FindProblem(AccessRight right)
    {
        if (right.Role is { } role)
            return Unknown("role", role, _roles);
        var rule = right.Rule!; // Not null: a right is a rule or a role.
        if (rule.Permission.Action == AccessAction.Grant)
            return FindProblemOfGranted(rule.Permission.Resource);
        return FindProblemOfName(rule.Permission)
            ?? rule.Conditions.Select(condition => FindProblemOfMember(rule.Permission, condition.Attribute))
                .Concat(rule.Limits.Hidden.Concat(rule.Limits.Masked).Select(path =>
                    DocumentOf(rule.Permission) is { } document
                        ? _paths.FindProblem(document, rule.Permission.Resource, path)
                        : null))
                .FirstOrDefault(problem => problem is not null);
    }

    private string? FindProblemOfGranted(string granted) =>
        granted is AccessRights.All or $"{AccessRights.RoleWord} {AccessRights.All}"
            ? null
            : FindProblem(AccessRights.Parse(granted));

    private string? FindProblemOfName(AccessPermission permission)
    {
        if (permission.IsForAll || permission.Action == AccessAction.Enter)
            return null;
        var kind = permission.Action switch
        {
            AccessAction.Send => "command",
            AccessAction.Ask => "query",
            AccessAction.Read => "category of streams",
            AccessAction.View => "read model",
            _ => "operator action",
        };
        return Unknown(kind, permission.Resource, _names[permission.Action]);
    }

    private string? FindProblemOfMember(AccessPermission permission, string member) =>
        MembersOf(permission) is not { } known ? null
        : known.Contains(member, StringComparer.Ordinal) ? null
        : Unknown($"attribute of {permission.Resource}", member, known);

    /// <summary>Returns the attributes of a resource; null if they are not known.</summary>
    private IReadOnlyList<string>? MembersOf(AccessPermission permission) => permission.Action switch
    {
        AccessAction.Read => [AccessCondition.Key],
        AccessAction.Enter => [AccessCondition.Name],
        AccessAction.Send => MembersOf(_model.FindCommand(permission.Resource)?.CommandType),
        AccessAction.Ask => MembersOf(_model.FindQuery(permission.Resource)?.QueryType),
        AccessAction.View => MembersOf(DocumentOf(permission)),
        _ => null,
    };

    /// <summary>Returns the type of the documents that may be viewed; null for other permissions.</summary>
    private Type? DocumentOf(AccessPermission permission) => permission.Action == AccessAction.View
        ? _model.Projections.FirstOrDefault(projection => projection.Name == permission.Resource)?.DocumentType
        : null;

    private IReadOnlyList<string>? MembersOf(Type? type) =>
        type is not null && _model.Describe(type) is { Form: TypeForm.Object } description
            ? [.. description.Members.Select(member => member.Name)]
            : null;

    private static string? Unknown(string kind, string name, IReadOnlyList<string> known) =>
        known.Contains(name, StringComparer.Ordinal) ? null
        : NameSuggestions.To(name, known) is { } suggestion
            ? $"there is no {kind} '{name}'; did you mean '{suggestion}'?"
        : $"there is no {kind} '{name}'";
}
