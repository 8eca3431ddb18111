using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Checking;

/// <summary>The result of the readiness check, for operators.</summary>
[Description("The result of the readiness check.")]
internal sealed record ReadinessView(
    [property: Description("True if no question is answered with no, and none is without an answer.")] bool IsReady,
    [property: Description("The time of the check.")] DateTimeOffset At,
    [property: Description("The questions with their answers.")] IReadOnlyList<ReadinessItemView> Items)
{
    public static ReadinessView Of(ReadinessReport report) =>
        new(report.IsReady, report.At, [.. report.Items.Select(ReadinessItemView.Of)]);
}

/// <summary>A question with its answer, for operators.</summary>
[Description("A question with its answer.")]
internal sealed record ReadinessItemView(
    [property: Description("The stable name of the question.")] string Id,
    [property: Description("design, implementation or operation.")] string Group,
    [property: Description("The question.")] string Question,
    [property: Description("yes, no, accepted, notUsed or unknown.")] string Answer,
    [property: Description("What the answer is based on.")] string Reason,
    [property: Description("What to do; absent if there is nothing to do.")] string? Remedy)
{
    public static ReadinessItemView Of(ReadinessItem item) => new(
        item.Id, NameOf(item.Group), item.Question, NameOf(item.Answer), item.Reason, item.Remedy);

    private static string NameOf(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
