using Millrace.Security;

namespace Millrace.Tests.Security;

/// <summary>Compares decisions on random rules with a simple model that lists every right of a user.</summary>
public sealed class AccessPropertyTests
{
    private const int Runs = 3_000;
    private static readonly string[] Users = ["u1", "u2", "u3"];
    private static readonly string[] RoleNames = ["r1", "r2", "r3", "r4"];
    private static readonly string[] Resources = ["a", "b", "*"];
    private static readonly string[] Actions = ["send", "view"];

    [Fact]
    public void A_user_has_exactly_what_was_granted_and_not_revoked()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var world = World.Create(random);
            foreach (var user in Users)
            {
                var roles = RoleNames.Where(_ => random.Next(4) == 0).ToArray();
                var subject = AccessSubject.Of(user, roles, [new("group", "g" + user[1])], AccessClaims.Default);
                foreach (var action in Actions)
                {
                    foreach (var resource in Resources)
                    {
                        var owner = Users[random.Next(Users.Length)];
                        var outcome = AccessDecider.Decide(
                            subject,
                            AccessPermission.Parse($"{action} {resource}"),
                            name => name == "owner" ? owner : name == "group" ? "g" + owner[1] : null,
                            world.Rules);
                        var expected = world.Allows(user, roles, action, resource, owner);

                        Assert.True(
                            expected == outcome.IsAllowed,
                            $"Seed {seed}: {user} with {string.Join(", ", roles)}, {action} {resource} of {owner}: "
                                + $"{outcome.IsAllowed} instead of {expected}.");
                    }
                }
            }
        }
    }

    [Fact]
    public void The_order_of_grants_has_no_effect()
    {
        for (var seed = 0; seed < Runs / 10; seed++)
        {
            var random = new Random(seed);
            var world = World.Create(random);
            var shuffled = world.Grants.ToArray();
            random.Shuffle(shuffled);

            var other = shuffled.Aggregate(
                world.Declared, (rules, grant) => rules.With(AccessDeciderTests.Grant(grant.To, grant.Right.Text, 1)));

            foreach (var user in Users)
            {
                foreach (var permission in new[] { "send a", "send b", "view a", "send *" })
                {
                    var subject = AccessSubject.Of(user, ["r1"], [], AccessClaims.Default);
                    var wanted = AccessPermission.Parse(permission);
                    Assert.True(
                        AccessDecider.Decide(subject, wanted, null, world.Rules).IsAllowed
                            == AccessDecider.Decide(subject, wanted, null, other).IsAllowed,
                        $"Seed {seed}: {user}, {permission}.");
                }
            }
        }
    }

    /// <summary>
    /// Grants that are checked never give a user a permission that no user had, except through conditions.
    /// </summary>
    [Fact]
    public void Checked_grants_give_nothing_that_the_grantor_does_not_have()
    {
        var granted = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var rules = World.Create(random, hasConditions: false).Rules;
            var grantor = AccessSubject.Of("u1", ["r1"], [], AccessClaims.Default);
            var right = World.RandomRight(random, hasConditions: false, canGrant: true);
            if (AccessDecider.FindMissingToGrant(grantor, right, rules) is not null)
                continue;
            granted++;
            var to = AccessGrantee.User("newcomer");
            var after = rules.With(AccessDeciderTests.Grant(to, right.Text, 99));
            var newcomer = AccessSubject.Of("newcomer", [], [], AccessClaims.Default);
            var before = AccessSubject.Of("stranger", [], [], AccessClaims.Default);
            foreach (var text in from action in Actions from resource in Resources select $"{action} {resource}")
            {
                var wanted = AccessPermission.Parse(text);
                if (AccessDecider.Decide(newcomer, wanted, null, after).IsAllowed)
                {
                    Assert.True(
                        AccessDecider.Decide(grantor, wanted, null, rules).IsAllowed
                            || AccessDecider.Decide(before, wanted, null, rules).IsAllowed,
                        $"Seed {seed}: '{right}' gives '{text}', which the grantor does not have.");
                }
            }
        }
        Assert.InRange(granted, 50, Runs);
    }

    /// <summary>Random roles and grants, with a model that is independent of the code under test.</summary>
    private sealed record World(
        AccessRules Declared, AccessRules Rules, List<(AccessGrantee To, AccessRight Right)> Grants)
    {
        private Dictionary<string, List<AccessRight>> Held { get; init; } = [];

        public static World Create(Random random, bool hasConditions = true)
        {
            var held = new Dictionary<string, List<AccessRight>>();
            foreach (var role in RoleNames)
                held["role:" + role] =
                    [.. Enumerable.Range(0, random.Next(3)).Select(_ => RandomRight(random, hasConditions))];
            var declared = AccessRules.Empty.WithRoles(
                RoleNames.ToDictionary(role => role, role => (IReadOnlyList<AccessRight>)[.. held["role:" + role]]));
            var rules = declared;
            var grants = new List<(AccessGrantee To, AccessRight Right)>();
            for (var step = random.Next(12); step > 0; step--)
            {
                if (grants.Count > 0 && random.Next(3) == 0)
                {
                    var revoked = grants[random.Next(grants.Count)];
                    grants.RemoveAll(grant => grant == revoked);
                    rules = rules.Without(revoked.To, revoked.Right.Text);
                    continue;
                }
                var to = random.Next(2) == 0
                    ? AccessGrantee.User(Users[random.Next(Users.Length)])
                    : AccessGrantee.Role(RoleNames[random.Next(RoleNames.Length)]);
                var right = RandomRight(random, hasConditions, canGrant: true);
                grants.Add((to, right));
                rules = rules.With(AccessDeciderTests.Grant(to, right.Text, step));
            }
            foreach (var (to, right) in grants)
            {
                held.TryAdd(to.ToString(), []);
                held[to.ToString()].Add(right);
            }
            return new World(declared, rules, grants) { Held = held };
        }

        public static AccessRight RandomRight(Random random, bool hasConditions, bool canGrant = false)
        {
            var text = $"{Actions[random.Next(Actions.Length)]} {Resources[random.Next(Resources.Length)]}";
            var condition = !hasConditions ? "" : random.Next(5) switch
            {
                0 => " if owner is sub",
                1 => " if group is group",
                2 => " if other is sub",
                _ => "",
            };
            return AccessRights.Parse(random.Next(canGrant ? 5 : 4) switch
            {
                0 => "role " + RoleNames[random.Next(RoleNames.Length)],
                4 => random.Next(2) == 0 ? "grant *" : "grant " + text,
                _ => text + condition,
            });
        }

        public bool Allows(string user, string[] roles, string action, string resource, string owner)
        {
            var holders = new HashSet<string>(roles.Select(role => "role:" + role)) { "user:" + user };
            int count;
            do
            {
                count = holders.Count;
                foreach (var right in holders.ToArray().SelectMany(holder => Held.GetValueOrDefault(holder, [])))
                {
                    if (right.Text.StartsWith("role ", StringComparison.Ordinal))
                        holders.Add("role:" + right.Text["role ".Length..]);
                }
            }
            while (holders.Count > count);
            return holders.SelectMany(holder => Held.GetValueOrDefault(holder, [])).Any(right =>
            {
                var words = right.Text.Split(' ');
                if (words[0] != action || (words[1] != "*" && words[1] != resource))
                    return false;
                return words is [_, _] or [_, _, "if", "group", ..] or [_, _, "if", "owner", ..]
                    && (words.Length == 2 || owner == user);
            });
        }
    }
}
