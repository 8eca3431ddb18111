using System.Globalization;
using System.Text;

namespace Millrace.Notifications;

/// <summary>Formats notices as text for people.</summary>
internal static class NoticeText
{
    /// <summary>The maximum number of alerts in a text. It reports the number of further ones.</summary>
    public const int MaxItems = 50;

    /// <summary>Returns one line: the alert, or the numbers of alerts by kind.</summary>
    public static string Subject(AlertNotice notice)
    {
        if (notice is { Items: [var only], Omitted: 0 })
            return $"{Severity(only)} {only.Alert} {Kind(only.Kind)}{Target(only)}";
        var counts = notice.Items.GroupBy(static item => item.Kind).OrderBy(static group => group.Key)
            .Select(static group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {Kind(group.Key)}"));
        var highest = notice.Items.MaxBy(static item => item.Severity);
        return $"{(highest is null ? "" : Severity(highest) + " ")}alerts: {string.Join(", ", counts)}";
    }

    /// <summary>Returns a line for each alert, with further ones counted.</summary>
    public static string Body(AlertNotice notice)
    {
        var text = new StringBuilder();
        foreach (var item in notice.Items.Take(MaxItems))
            text.Append(Line(item)).Append('\n');
        var further = Math.Max(0, notice.Items.Count - MaxItems) + notice.Omitted;
        if (further > 0)
            text.Append(CultureInfo.InvariantCulture, $"… and {further:N0} more\n");
        return text.ToString();
    }

    private static string Line(AlertNoticeItem item)
    {
        var value = item.State == AlertState.NoData
            ? $"no node reports {item.Metric}"
            : string.Create(
                CultureInfo.InvariantCulture, $"{item.Metric} {item.Value:0.###}, threshold {item.Threshold:0.###}");
        var since = item.FiredAt.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var note = item.Reason ?? item.Description;
        return $"{Severity(item)} {item.Alert} {Kind(item.Kind)}{Target(item)}: {value}, fired {since}"
            + (note is null ? "" : $". {note}");
    }

    private static string Severity(AlertNoticeItem item) => item.Severity switch
    {
        AlertSeverity.Critical => "[critical]",
        AlertSeverity.Warning => "[warning]",
        _ => "[info]",
    };

    private static string Kind(AlertNoticeKind kind) => kind switch
    {
        AlertNoticeKind.Fired => "fired",
        AlertNoticeKind.Resolved => "resolved",
        AlertNoticeKind.Escalated => "escalated",
        _ => "still firing",
    };

    private static string Target(AlertNoticeItem item) =>
        (item.Subject is null ? "" : $" for {item.Subject}") + (item.Node is null ? "" : $" on {item.Node}");
}
