using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Millrace.Hosting.Access;
using Millrace.Security;

namespace Millrace.Tests.Security;

/// <summary>
/// Compares the limits of two random rules, with nested members and <c>*</c>, with a model that reads each path as a
/// regular expression: a user with both rules sees a member exactly as well as the better rule allows.
/// </summary>
public sealed class MemberLimitProperties
{
    private const int Runs = 1_500;
    private static readonly string[] Names = ["a", "b", "other"];
    private static readonly string[] Paths =
        [.. from one in Names from two in Names from three in Names select $"{one}.{two}.{three}"];

    [Fact]
    public void Two_rules_show_exactly_what_one_of_them_shows()
    {
        var different = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var (one, other) = (RandomLimits(random), RandomLimits(random));
            var combined = random.Next(2) == 0 ? one.CombineWith(other) : other.CombineWith(one);
            var shown = Shown(combined);
            foreach (var path in Paths)
            {
                var expected = Math.Min(LevelOf(one, path), LevelOf(other, path));
                var actual = shown.GetValueOrDefault(path, 2);
                // A masked object is left out as a whole.
                Assert.True(
                    expected == actual || (expected == 1 && actual == 2 && combined.Masked.Any(IsAbove(path))),
                    $"Seed {seed}: {path} of {Text(one)} and {Text(other)}, together {Text(combined)}: "
                        + $"{actual} instead of {expected}.");
                different += expected > 0 ? 1 : 0;
                Assert.Equal(expected == 2, combined.Hides(path));
            }
        }
        Assert.InRange(different, Runs, Runs * Paths.Length);
    }

    [Fact]
    public void Limits_that_allow_at_least_others_show_all_that_the_others_show()
    {
        var allowed = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var (one, other) = (RandomLimits(random), RandomLimits(random));
            if (!one.AllowsAtLeast(other))
                continue;
            allowed++;
            Assert.All(Paths, path => Assert.True(
                LevelOf(one, path) <= LevelOf(other, path), $"Seed {seed}: {path} of {Text(one)}, {Text(other)}."));
        }
        Assert.InRange(allowed, 10, Runs);
    }

    private static MemberLimits RandomLimits(Random random) => MemberLimits.Of(
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => RandomPath(random))],
        [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => RandomPath(random))]);

    private static string RandomPath(Random random) => string.Join(
        '.', Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(5) switch
        {
            0 or 1 => "a",
            2 => "b",
            3 => "A",
            _ => "*",
        }));

    /// <summary>Returns how a rule limits a member: 0 for not at all, 1 for masked, 2 for left out.</summary>
    private static int LevelOf(MemberLimits limits, string path) =>
        limits.Hidden.Any(IsAbove(path, orSame: true)) ? 2 : limits.Masked.Any(IsAbove(path, orSame: true)) ? 1 : 0;

    private static Func<string, bool> IsAbove(string path, bool orSame = false) => limited => Regex.IsMatch(
        path,
        "^" + limited.Replace(".", @"\.", StringComparison.Ordinal).Replace("*", "[^.]+", StringComparison.Ordinal)
            + (orSame ? @"(\.|$)" : @"\."),
        RegexOptions.IgnoreCase);

    /// <summary>Returns the members that are in a document with limits: 0 for the value, 1 for the mask.</summary>
    private static Dictionary<string, int> Shown(MemberLimits limits)
    {
        var document = new JsonObject();
        foreach (var names in Paths.Select(path => path.Split('.')))
        {
            var one = (JsonObject)(document[names[0]] ??= new JsonObject());
            var two = (JsonObject)(one[names[1]] ??= new JsonObject());
            two[names[2]] = "value";
        }
        foreach (var path in limits.Hidden)
            MemberRemover.Hide(document, path);
        foreach (var path in limits.Masked)
            MemberRemover.MaskAt(document, path);
        return Paths
            .Select(path => (path, path.Split('.').Aggregate(
                (JsonNode?)document, (node, name) => (node as JsonObject)?[name])))
            .Where(found => found.Item2 is not null)
            .ToDictionary(found => found.path, found => found.Item2!.GetValue<string>() == "value" ? 0 : 1);
    }

    private static string Text(MemberLimits limits) =>
        $"without {string.Join(", ", limits.Hidden)} masking {string.Join(", ", limits.Masked)}";
}
