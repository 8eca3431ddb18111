using Millrace.Reporting;
using Millrace.Security;

namespace Millrace;

/// <summary>
/// Declares what reports contain that only the application knows. The declaration is recorded in the log, so that the
/// tool can write the same reports from the store alone.
/// </summary>
public sealed class ReportsBuilder
{
    private readonly List<ProcessingActivity> _activities = [];
    private readonly SortedSet<string> _financial = new(StringComparer.Ordinal);
    private readonly List<DutyRule> _duties = [];
    private DataController? _controller;

    internal ReportsBuilder()
    {
    }

    /// <summary>
    /// Gets or sets the public keys and anchors against which reports verify the seals of the log; none by default.
    /// </summary>
    public SealEvidence Evidence { get; set; } = new();

    /// <summary>Sets the controller of the processing. The last call applies.</summary>
    public ReportsBuilder Controller(DataController controller)
    {
        ArgumentNullException.ThrowIfNull(controller);
        ArgumentException.ThrowIfNullOrWhiteSpace(controller.Name, nameof(controller));
        ArgumentException.ThrowIfNullOrWhiteSpace(controller.Contact, nameof(controller));
        _controller = controller;
        return this;
    }

    /// <summary>Adds a processing activity to the records of processing.</summary>
    /// <exception cref="ArgumentException">A text is missing, or an activity has the same name.</exception>
    public ReportsBuilder Activity(ProcessingActivity activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        ArgumentException.ThrowIfNullOrWhiteSpace(activity.Name, nameof(activity));
        ArgumentException.ThrowIfNullOrWhiteSpace(activity.Purpose, nameof(activity));
        ArgumentException.ThrowIfNullOrWhiteSpace(activity.LegalBasis, nameof(activity));
        if (_activities.Exists(other => other.Name == activity.Name))
            throw new ArgumentException($"There are two activities '{activity.Name}'.", nameof(activity));
        _activities.Add(activity);
        return this;
    }

    /// <summary>Adds categories of streams whose events are financial, such as <c>payment</c>.</summary>
    /// <exception cref="ArgumentException">A category is empty or contains a dash.</exception>
    public ReportsBuilder Financial(params IReadOnlyList<string> categories)
    {
        ArgumentNullException.ThrowIfNull(categories);
        foreach (var category in categories)
        {
            if (string.IsNullOrWhiteSpace(category) || category.Contains('-', StringComparison.Ordinal))
                throw new ArgumentException(
                    $"'{category}' is not a category: it must be the part of a stream name before the first dash.",
                    nameof(categories));
            _financial.Add(category);
        }
        return this;
    }

    /// <summary>
    /// Declares two duties that no user may have together. The report lists users and roles that have both rights, and
    /// users who sent both commands to the same stream.
    /// </summary>
    /// <param name="first">A right, such as <c>send create-payment</c> or <c>role clerk</c>.</param>
    /// <param name="second">The other right.</param>
    /// <param name="reason">The reason of the separation; null for no reason.</param>
    /// <exception cref="AccessRightException">A text is not a right.</exception>
    /// <exception cref="ArgumentException">The rights are equal, are for all names, or have conditions.</exception>
    public ReportsBuilder Separate(string first, string second, string? reason = null)
    {
        var (one, other) = (RightOf(first), RightOf(second));
        if (one.Text == other.Text)
            throw new ArgumentException($"'{first}' cannot be separated from itself.", nameof(second));
        _duties.Add(new DutyRule(one.Text, other.Text) { Reason = reason });
        return this;
    }

    internal IReadOnlyCollection<string> FinancialCategories => _financial;

    internal IReadOnlyList<DutyRule> Duties => _duties;

    internal ReportDeclaration Build(IReadOnlyList<DataPlace> places) => new()
    {
        Controller = _controller,
        Activities = [.. _activities],
        Financial = [.. _financial],
        Duties = [.. _duties],
        Places = places,
    };

    private static AccessRight RightOf(string text)
    {
        var right = AccessRights.Parse(text);
        return right.Rule is { } rule && (rule.Permission.IsForAll || rule.Conditions.Count > 0 || !rule.Limits.IsNone)
            ? throw new ArgumentException(
                $"'{text}' cannot be separated: name one right without conditions, such as 'send create-payment'.",
                nameof(text))
            : right;
    }
}
