using Microsoft.Extensions.Options;
using Millrace.Security;

namespace Millrace.Hosting.Access;

/// <summary>Creates the declared roles, and validates all their names when the application starts.</summary>
internal sealed class AccessDeclarationFactory(AccessBuilder access, ModelCatalog model)
    : IValidateOptions<StoreOptions>
{
    private readonly ModelVocabulary _vocabulary = new(model, access);

    /// <exception cref="MillraceException">A rule is not valid.</exception>
    public AccessDeclaration Create() => new(
        access.Roles.ToDictionary(
            role => role.Key,
            role => (IReadOnlyList<AccessRight>)[.. role.Value.Rights.Select(right => right(_vocabulary))],
            StringComparer.Ordinal),
        new AccessClaims(access.UserIdClaim, access.RoleClaim),
        _vocabulary)
    {
        RequiresCurrentRules = access.RequiresCurrentRules,
    };

    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(access.UserIdClaim) || string.IsNullOrWhiteSpace(access.RoleClaim))
            problems.Add("Access control: UserIdClaim and RoleClaim must be types of claims.");
        foreach (var (role, rights) in access.Roles)
            problems.AddRange(rights.Rights.Select(right => FindProblem(role, right)).OfType<string>());
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private string? FindProblem(string role, Func<ModelVocabulary, AccessRight> create)
    {
        try
        {
            var right = create(_vocabulary);
            var found = right.Text.Length > AccessRights.MaxLength
                ? AccessRights.TooLong
                : _vocabulary.FindProblem(right);
            return found is { } problem
                ? $"Access control, role '{role}', right '{right}': {problem}."
                : null;
        }
        catch (MillraceException exception) // The text is malformed, or a type is not part of the model.
        {
            return $"Access control, role '{role}': {exception.Message}";
        }
    }
}
