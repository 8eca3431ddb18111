using Microsoft.Extensions.Options;
using Millrace.Hosting.Access;
using Millrace.Security;

namespace Millrace.Hosting;

/// <summary>Refuses separate duties with unknown names, as access control refuses rules with unknown names.</summary>
/// <param name="reports">The declaration of the reports.</param>
/// <param name="model">The model.</param>
/// <param name="access">The roles; null without access control.</param>
internal sealed class DutyValidator(ReportsBuilder reports, ModelCatalog model, AccessBuilder? access)
    : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var vocabulary = new ModelVocabulary(model, access ?? new AccessBuilder());
        var problems = reports.Duties
            .SelectMany(duty => new[] { duty.First, duty.Second })
            .Distinct(StringComparer.Ordinal)
            .Select(AccessRights.Parse)
            .Where(right => IsKnown(right, vocabulary))
            .Select(right => vocabulary.FindProblem(right) is { } problem
                ? $"Reports, separate duty '{right}': {problem}."
                : null)
            .OfType<string>()
            .ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>
    /// Returns whether the names are known. Without access control, roles are not, and the model can lack commands that
    /// are recorded as texts.
    /// </summary>
    private bool IsKnown(AccessRight right, ModelVocabulary vocabulary) =>
        access is not null
        || (right.Rule is { } rule
            && vocabulary.Names.GetValueOrDefault(AccessRights.WordOf(rule.Permission.Action)) is { Count: > 0 });
}
