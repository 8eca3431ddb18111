using System.ComponentModel;

namespace Millrace.AspNetCore.Access;

/// <summary>A decision about access, with its reasons.</summary>
[Description("A decision about access, with its reasons.")]
internal sealed record AccessExplanationView(
    [property: Description("True if the access is allowed.")] bool IsAllowed,
    [property: Description("The permission.")] string Permission,
    [property: Description("The position of the last change of the rules.")] long Position,
    [property: Description("The rule that allows the access.")] string? Rule,
    [property: Description("The way from the user to the role with the rule.")] IReadOnlyList<string> Path,
    [property: Description("The grant of the rule.")] AccessGrantView? Grant,
    [property: Description("All roles of the user.")] IReadOnlyList<string> Roles,
    [property: Description("The rules whose conditions must hold.")] IReadOnlyList<string> ConditionalRules,
    [property: Description("The members that are left out.")] IReadOnlyList<string> HiddenMembers,
    [property: Description("The members that are masked.")] IReadOnlyList<string> MaskedMembers)
{
    public static AccessExplanationView Of(AccessExplanation found) => new(
        found.IsAllowed,
        found.Permission,
        found.Position,
        found.Rule,
        [.. found.Path.Select(holder => holder.ToString())],
        found.Grant is { } grant ? AccessGrantView.Of(grant) : null,
        found.Roles,
        found.ConditionalRules,
        found.HiddenMembers,
        found.MaskedMembers);
}
