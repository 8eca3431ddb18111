using System.Globalization;
using System.Text;

namespace Millrace.Security;

/// <summary>
/// Reads and writes rights as text: <c>role clerk</c>, <c>send place-order if customerId is sub</c>, or <c>view
/// customer without email masking phone</c>.
/// </summary>
internal static class AccessRights
{
    /// <summary>All resources of an action.</summary>
    public const string All = "*";

    /// <summary>The maximum length of the text of a right.</summary>
    public const int MaxLength = 1_000;

    /// <summary>The maximum number of <c>grant</c> words in a right.</summary>
    public const int MaxNesting = 8;

    public const string GrantWord = "grant";
    public const string RoleWord = "role";
    private const string If = "if";
    private const string And = "and";
    private const string Is = "is";
    private const string Without = "without";
    private const string Masking = "masking";

    public static string TooLong { get; } = string.Create(
        CultureInfo.InvariantCulture, $"it has more than {MaxLength:N0} characters");

    private static readonly string[] Actions = ["send", "ask", "read", "view", "enter", "operate", GrantWord];

    /// <summary>Returns the word of an action.</summary>
    public static string WordOf(AccessAction action) => Actions[(int)action];

    public static AccessAction? ActionOf(string word) =>
        Array.IndexOf(Actions, word) is var index and >= 0 ? (AccessAction)index : null;

    /// <exception cref="AccessRightException">The text is not a right.</exception>
    public static AccessRight Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
            throw new AccessRightException(text, TooLong);
        var words = new AccessRightWords(text);
        var first = words.Next("an action or 'role'");
        if (first == RoleWord)
        {
            var role = words.Next("the name of the role");
            words.RequireEnd();
            return AccessRight.OfRole(role);
        }
        var action = ActionOf(first)
            ?? throw new AccessRightException(text, $"it must start with {string.Join(", ", Actions)} or role");
        var resource = action == AccessAction.Grant ? GrantedRight(words) : words.Next("the name of the resource");
        var rule = new AccessRule(new AccessPermission(action, resource));
        return AccessRight.Of(ReadClauses(words, rule));
    }

    /// <summary>Returns the right in a text; null if this version cannot read it.</summary>
    public static AccessRight? TryParse(string? text)
    {
        try
        {
            return text is null ? null : Parse(text);
        }
        catch (AccessRightException) // A later version wrote it.
        {
            return null;
        }
    }

    public static string TextOf(AccessPermission permission) =>
        permission.Action == AccessAction.Grant
            ? $"{GrantWord} {permission.Resource}"
            : $"{WordOf(permission.Action)} {AccessRightWords.Quote(permission.Resource)}";

    public static string TextOfRole(string role) => $"{RoleWord} {AccessRightWords.Quote(role)}";

    public static string TextOf(AccessRule rule)
    {
        if (rule.Conditions.Count == 0 && rule.Limits.IsNone)
            return TextOf(rule.Permission);
        var text = new StringBuilder(TextOf(rule.Permission));
        Append(text, Without, rule.Limits.Hidden);
        Append(text, Masking, rule.Limits.Masked);
        for (var i = 0; i < rule.Conditions.Count; i++)
        {
            var (attribute, claim) = rule.Conditions[i];
            text.Append(' ').Append(i == 0 ? If : And).Append(' ').Append(AccessRightWords.Quote(attribute))
                .Append(' ').Append(Is).Append(' ').Append(AccessRightWords.Quote(claim));
        }
        return text.ToString();
    }

    /// <summary>Reads the right that a <c>grant</c> rule allows its holder to grant.</summary>
    private static string GrantedRight(AccessRightWords words)
    {
        var granted = new StringBuilder();
        for (var nesting = 1; ; nesting++)
        {
            var word = words.Next("the right to grant, such as 'role clerk', 'send place-order' or '*'");
            if (word == All)
                return $"{granted}{All}";
            if (word != RoleWord && ActionOf(word) is null)
                throw words.Problem($"'{word}' is neither an action nor 'role'");
            granted.Append(word).Append(' ');
            if (word != GrantWord)
                return granted.Append(AccessRightWords.Quote(words.Next("the name of what may be granted"))).ToString();
            if (nesting == MaxNesting)
                throw words.Problem($"'{GrantWord}' is nested more than {MaxNesting} times");
        }
    }

    private static AccessRule ReadClauses(AccessRightWords words, AccessRule rule)
    {
        List<string> hidden = [], masked = [];
        var conditions = new List<AccessCondition>();
        while (words.TryNext() is { } word)
        {
            switch (word)
            {
                case Without:
                    words.ReadList(hidden, "a member");
                    break;
                case Masking:
                    words.ReadList(masked, "a member");
                    break;
                case If when conditions.Count == 0:
                case And when conditions.Count > 0:
                    conditions.Add(ReadCondition(words));
                    break;
                default:
                    throw words.Problem($"'{word}' is not expected");
            }
        }
        if (hidden.Count + masked.Count > 0 && rule.Permission.Action != AccessAction.View)
            throw words.Problem($"only 'view' can have '{Without}' and '{Masking}'");
        if (conditions.Count > 0 && rule.Permission.Action is AccessAction.Operate or AccessAction.Grant)
            throw words.Problem($"'{WordOf(rule.Permission.Action)}' cannot have conditions");
        return rule with
        {
            Conditions = [.. conditions.Distinct().OrderBy(one => one.Attribute, StringComparer.Ordinal)
                .ThenBy(one => one.Claim, StringComparer.Ordinal)],
            Limits = MemberLimits.Of(hidden, masked),
        };
    }

    private static AccessCondition ReadCondition(AccessRightWords words)
    {
        var attribute = words.Next("the member or attribute of the condition");
        if (words.Next($"'{Is}' and a claim") != Is)
            throw words.Problem($"a condition is a member, '{Is}' and a claim");
        return new AccessCondition(attribute, words.Next("the claim of the condition"));
    }

    private static void Append(StringBuilder text, string word, IReadOnlyList<string> members)
    {
        for (var i = 0; i < members.Count; i++)
            text.Append(i == 0 ? $" {word} " : ", ").Append(AccessRightWords.Quote(members[i]));
    }
}
