using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Hosting.Access;
using Millrace.Security;

namespace Millrace.Model.Tests.Access;

/// <summary>
/// Takes random parts out of a document, as a query can whose answer is JSON of any form, and checks that a user with
/// one or two random roles never sees the value of a member that each role limits.
/// </summary>
public sealed class FreeFormAnswerTests
{
    private const int Runs = 3_000;

    /// <summary>The members that a rule can limit, with the values of the document that each contains.</summary>
    private static readonly Dictionary<string, string[]> Members = new()
    {
        ["address"] = ["Elm Street 1", "Bath"],
        ["address.street"] = ["Elm Street 1"],
        ["address.city"] = ["Bath"],
        ["parcels"] = ["books", "gin"],
        ["parcels.content"] = ["books", "gin"],
        ["contacts"] = ["555-1", "555-2"],
        ["contacts.*"] = ["555-1", "555-2"],
        ["contacts.*.phone"] = ["555-1", "555-2"],
        ["contacts.home.phone"] = ["555-1"],
    };

    [Fact]
    public async Task A_part_of_a_document_never_shows_more_than_the_roles_allow()
    {
        await using var host = await BankHost.Start(millrace => millrace.AddModel<ShipmentList>());
        var filter = new AnswerFilter(host.Services.GetRequiredService<ModelCatalog>());
        var (denied, answered) = (0, 0);
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            string[][] roles = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => RandomMembers(random))];
            var limits = roles
                .Select(members => MemberLimits.Of(
                    members.Where((_, i) => i % 2 == 0), members.Where((_, i) => i % 2 == 1)))
                .Aggregate((one, other) => one.CombineWith(other));
            var secret = roles
                .Select(members => members.SelectMany(member => Members[member]))
                .Aggregate((one, other) => one.Intersect(other))
                .ToHashSet();
            var part = RandomPart(random);
            try
            {
                var shown = (filter.Filter(part, typeof(JsonNode), Decide) ?? part).ToJsonString();
                answered++;
                Assert.All(secret, value => Assert.False(
                    shown.Contains(value, StringComparison.Ordinal),
                    $"Seed {seed}: {shown} contains {value}, which {string.Join(" and ", roles.Select(Text))} limit."));
            }
            catch (AccessDeniedException)
            {
                denied++;
                Assert.NotEmpty(limits.Hidden.Concat(limits.Masked));
            }

            AccessOutcome Decide(string readModel, Func<string, string?> attributes) =>
                new(AccessPermission.View(readModel), null!, 0, default) { Limits = limits };
        }
        Assert.True(answered > Runs / 10 && denied > Runs / 10, $"{answered} answered, {denied} denied.");
    }

    private static string[] RandomMembers(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Members.Keys.ElementAt(random.Next(Members.Count)))
            .Distinct()];

    private static JsonNode RandomPart(Random random)
    {
        var part = JsonSerializer.SerializeToNode(ShipmentList.First, ShipmentJson.Default.Shipment)!;
        for (var step = random.Next(4); step > 0; step--)
        {
            var inside = part switch
            {
                JsonObject item => item.Select(member => member.Value),
                JsonArray list => list,
                _ => [],
            };
            if (inside.OfType<JsonNode>().ToArray() is { Length: > 0 } below)
                part = below[random.Next(below.Length)];
        }
        part = part.DeepClone();
        return random.Next(4) switch
        {
            0 when part is not JsonValue => new JsonObject { ["found"] = part },
            1 => new JsonArray(part),
            _ => part,
        };
    }

    private static string Text(string[] members) => string.Join(", ", members);
}
