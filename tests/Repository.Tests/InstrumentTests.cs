using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>Checks that pages, dashboards and alert rules name the metrics that exist.</summary>
public sealed partial class InstrumentTests
{
    private const string Page = "docs/reference/telemetry.md";

    [Fact]
    public void The_reference_lists_every_instrument_with_its_unit()
    {
        var listed = RepositoryFiles.Lines(Page).Select(line => Row().Match(line)).Where(match => match.Success)
            .Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}");
        var created = Instrument.All().Select(instrument => $"{instrument.Name} {instrument.Unit}").Distinct();

        Findings.AssertNone(
            $"{Page} lists each instrument with its unit.",
            created.Except(listed).Select(missing => $"not listed: {missing}")
                .Concat(listed.Except(created).Select(extra => $"not in the code: {extra}")));
    }

    [Fact]
    public void Dashboards_and_alert_rules_use_series_and_labels_that_exist()
    {
        var instruments = Instrument.All();
        var labels = RepositoryFiles.Sources("src").SelectMany(path => Name().Matches(RepositoryFiles.Text(path)))
            .Select(match => match.Groups[1].Value)
            .Except(instruments.Select(instrument => instrument.Name))
            .Select(name => name.Replace('.', '_'));
        var known = instruments.SelectMany(instrument => instrument.Series()).Concat(labels).ToHashSet();
        string[] files = [.. RepositoryFiles.All.Where(path => path.StartsWith("ops/", StringComparison.Ordinal))];

        Assert.NotEmpty(files);
        Findings.AssertNone(
            "A file in ops/ uses a metric or a label that does not exist.",
            from path in files
            from Match match in Identifier().Matches(RepositoryFiles.Text(path))
            where !known.Contains(match.Value)
            select $"{path}: {match.Value}");
    }

    [Fact]
    public void Every_alert_is_explained()
    {
        const string Rules = "ops/prometheus/millrace-alerts.yml";
        const string Catalogue = "docs/how-to/watch-with-prometheus.md";
        var alerts = Alert().Matches(RepositoryFiles.Text(Rules)).Select(match => match.Groups[1].Value).ToList();
        var text = RepositoryFiles.Text(Catalogue);

        Assert.NotEmpty(alerts);
        Findings.AssertNone(
            $"{Catalogue} explains each alert of {Rules}.",
            alerts.Where(alert => !text.Contains($"`{alert}`", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^\| `([a-z_.]+)` \| ([^ |]+) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"\b(?:millrace|messaging)_[a-z0-9_]+")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"""((?:millrace|messaging)\.[a-z_.]+)""")]
    private static partial Regex Name();

    [GeneratedRegex("- alert: (Millrace[A-Za-z]+)")]
    private static partial Regex Alert();
}
