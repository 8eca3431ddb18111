namespace Millrace.Generators.Tests.Analyzers;

/// <summary>Tests the diagnostics and code fixes for specifications that cannot fail.</summary>
public sealed class SpecificationTests
{
    private const string Model = """
        using Millrace.Testing;

        [Model] public sealed partial class Lamps;
        [Id<string>] public readonly partial record struct LampId;
        [Event("lamp.lit")] public sealed record LampLit(LampId Lamp);
        public sealed record LightLamp(LampId Lamp) : ICommand;
        [Stream("lamp")]
        public sealed partial class Lamp : Aggregate<LampId>
        {
            public void Light() => Raise(new LampLit(Id));
            private void When(LampLit lit)
            {
            }
        }
        public static class LampHandlers
        {
            public static void Handle(LightLamp command, [OrNew] Lamp lamp) => lamp.Light();
        }
        public sealed record Light(LampId Lamp);
        [Projection("lights")]
        public sealed partial class LightsProjection : Projection<LampId, Light>
        {
            public static LampId Key(LampLit lit) => lit.Lamp;
            public static Light? Apply(Light? light, LampLit lit) => new(lit.Lamp);
        }
        [Process("lamp")]
        public sealed class Lighting : Process<string>
        {
            protected override void Define(ProcessBuilder<string> process) =>
                process.StartOn<LampLit>(lit => lit.Lamp.Value).Step("light", id => new LightLamp(new LampId(id)));
        }
        public sealed class FactAttribute : Attribute;

        """;

    private const string Decider = "Specification.For(new Decider<int>(\"lamp\", () => 0, (count, _) => count + 1))";
    private const string Host =
        "Specification.ForHost<Lamps>().When(new LightLamp(new LampId(\"hall\"))).Then(new "
            + "LampLit(new LampId(\"hall\")))";
    private const string Process =
        "Specification.ForProcess<Lighting, string>(\"hall\").When(new LampLit(new LampId(\"hall\"))).ThenCompleted()";
    private const string Consumer = "Specification.ForConsumer<Lamps>(consumer)";

    private static string Body(string statements) =>
        Model
        + $"public static class Tests {{ public static void Run(ConsumerDefinition consumer) {{ {statements} }} }}";

    private static string AsyncBody(string statements) => Model + "public static class Tests { "
        + $"public static async Task Run(ConsumerDefinition consumer) {{ await Task.Yield(); {statements} }} }}";

    private static string Member(string member) => Model + $"public sealed class Tests {{ {member} }}";

    /// <summary>Returns a class with the statements and with specifications in fields.</summary>
    private static string FieldBody(string statements) => Member(
        "private readonly AggregateSpecification<Lamp> _light = Specification.For<Lamp>(); "
        + $"private readonly HostSpecification _host = {Host}; public void Run() {{ {statements} }}");

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "MILL0260", Body("Specification.For<Lamp>().When(lamp => lamp.Light());"), "'When'" },
            {
                "MILL0260",
                Body("Specification.For<Lamp>().Given(new LampLit(new LampId(\"a\")));"),
                "When and an expectation"
            },
            { "MILL0260", Body(Decider + ".When(_ => []);"), "ThenNothing" },
            {
                "MILL0260",
                Body("Specification.For(new LightsProjection()).When(new LampLit(new LampId(\"a\")));"),
                "ThenCount"
            },
            {
                "MILL0260",
                Body("Specification.ForProjection<Lamps>(\"lights@1\").When(\"lamp.lit\", \"{}\");"),
                "ThenPasses"
            },
            { "MILL0260", AsyncBody($"await {Consumer}.When(\"lamp.lit\", \"{{}}\");"), "ThenPasses" },
            {
                "MILL0260", Body("Histories.Of<Lamp>().Command(\"light\", lamp => lamp.Light());"),
                "continue with Check"
            },
            { "MILL0260", Body("var light = Specification.For<Lamp>().When(lamp => lamp.Light());"), "'When'" },
            {
                "MILL0260",
                Member("[Fact] public void A_lamp_is_lit() => Specification.For<Lamp>().When(lamp => lamp.Light());"),
                "'When'"
            },
            { "MILL0260", Member("[Fact] public object A_lamp_is_lit() { return Specification.For<Lamp>(); }"), "" },
            { "MILL0261", Body(Host + ";"), "await it" },
            { "MILL0261", Body(Process + ";"), "await it" },
            { "MILL0261", Body(Process + ".Run();"), "await it" },
            { "MILL0261", AsyncBody("var run = " + Process + ";"), "await it" },
            { "MILL0261", Member($"[Fact] public void A_lamp_is_lit() => {Process};"), "await it" },
            {
                "MILL0260",
                Body("Histories.OfProcess<Lighting, string>(\"hall\").Event<LampLit>(lit => lit);"),
                "continue with Check"
            },
            {
                "MILL0260",
                Body("var light = Specification.For<Lamp>(); light.Given(); light.Given();"),
                "When and an expectation"
            },
            {
                "MILL0260",
                Body("var light = Specification.For<Lamp>(); light.Given().When(lamp => lamp.Light());"),
                "'When'"
            },
            { "MILL0260", FieldBody("_light.Given().When(lamp => lamp.Light());"), "'When'" },
            { "MILL0261", Body(Host + ".Run();"), "await it" },
            { "MILL0261", Body($"var run = {Host}.Run();"), "await it" },
            { "MILL0261", Body("var run = " + Host + "; run.ThenNothing();"), "await it" },
            { "MILL0261", Body("var run = " + Host + "; run.ThenNothing().Run();"), "await it" },
            { "MILL0261", FieldBody("_host.Run();"), "await it" },
            { "MILL0261", Member($"[Fact] public void A_lamp_is_lit() => {Host}.Run();"), "await it" },
            { "MILL0261", AsyncBody("var run = " + Host + ";"), "await it" },
            { "MILL0261", Member($"[Fact] public HostSpecification A_lamp_is_lit() => {Host};"), "await it" },
            { "MILL0261", Member($"[Fact] public void A_lamp_is_lit() => {Host};"), "await it" },
            { "MILL0261", Body($"{Consumer}.When(\"lamp.lit\", \"{{}}\");"), "await it" },
        };

    public static TheoryData<string> Correct =>
        new(
            Body("Specification.For<Lamp>().When(lamp => lamp.Light()).Then(new LampLit(new LampId(\"sample\")));"),
            Body("Specification.For<Lamp>().When(lamp => lamp.Light()).ThenThrew<InvalidOperationException>();"),
            Body(
                "Specification.For<Lamp>().When(lamp => lamp.Light()).ThenNothing().ThenState(lamp => lamp.Version, 0);"
            ),
            Body("var light = Specification.For<Lamp>().When(lamp => lamp.Light()); light.ThenNothing();"),
            Body("var light = Specification.For<Lamp>(); Action act = () => light.When(lamp => lamp.Light()); act();"),
            Body("Action act = () => { Specification.For<Lamp>().When(lamp => lamp.Light()); }; act();"),
            Body(
                "var light = Specification.For<Lamp>(); light.Given(new LampLit(new LampId(\"a\"))); "
                    + "light.When(_ => { }).ThenNothing();"
            ),
            Body("var light = Specification.For<Lamp>(); light.Given().When(lamp => lamp.Light()).ThenNothing();"),
            Body("var all = Histories.Of<Lamp>(); all.Command(\"light\", lamp => lamp.Light()); all.Check();"),
            FieldBody("_light.Given(new LampLit(new LampId(\"a\")));"),
            FieldBody("_light.Given().When(lamp => lamp.Light()).ThenNothing();"),
            FieldBody("_host.Given(new StreamId(\"lamp-hall\"), new LampLit(new LampId(\"hall\")));"),
            FieldBody("_host.Run().Wait();"),
            Body("_ = Specification.For<Lamp>().When(lamp => lamp.Light());"),
            Body("Histories.Of<Lamp>().Command(\"light\", lamp => lamp.Light()).Check();"),
            Body("var all = new List<object> { Specification.For<Lamp>() };"),
            AsyncBody($"await {Host};"),
            AsyncBody($"await {Host}.Run();"),
            AsyncBody($"await {Process};"),
            Body("Histories.OfProcess<Lighting, string>(\"hall\").Event<LampLit>(lit => lit).Check();"),
            AsyncBody("await Specification.ForHost<Lamps>().When(new LightLamp(new LampId(\"hall\")));"),
            AsyncBody($"(await {Consumer}.When(\"lamp.lit\", \"{{}}\")).ThenPasses();"),
            AsyncBody("var run = " + Host + "; await run;"),
            AsyncBody("var run = " + Host + "; run.ThenNothing(); await run;"),
            AsyncBody(
                "var run = "
                    + Host
                    + "; run.ThenNothing(); Keep(run); static void Keep(HostSpecification one) => one.ThenNothing();"),
            AsyncBody($"var run = {Host}.Run(); await run;"),
            Member($"[Fact] public async Task A_lamp_is_lit() => await {Host};"),
            Member($"[Fact] public Task A_lamp_is_lit() => {Host}.Run();"),
            Member($"private static HostSpecification Lit() => {Host};"),
            Member($"[Fact] public async Task A_lamp_is_lit() {{ await Lit(); HostSpecification Lit() => {Host}; }}"),
            Member(
                "private static SpecificationResult<Lamp> Lit() => "
                    + "Specification.For<Lamp>().When(lamp => lamp.Light());"
            )
        );

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task A_mistake_is_reported_with_advice(string id, string source, string advice) =>
        AnalyzerRunner.ExpectOne(id, source, advice);

    [Theory]
    [MemberData(nameof(Correct))]
    public Task Correct_code_is_not_reported(string source) => AnalyzerRunner.ExpectNone(source);

    [Theory]
    [InlineData(
        "Specification.For<Lamp>().When(lamp => lamp.Light());", "<Lamp>().When(lamp => lamp.Light()).ThenNothing();")]
    [InlineData(
        "Histories.Of<Lamp>().Command(\"light\", lamp => lamp.Light());",
        ".Command(\"light\", lamp => lamp.Light()).Check();")]
    [InlineData(
        "Specification.ForProjection<Lamps>(\"a\").When(\"lamp.lit\", \"{}\");",
        ".When(\"lamp.lit\", \"{}\").ThenPasses();")]
    [InlineData(
        "Specification.For(new LightsProjection()).When(new LampLit(new LampId(\"a\")));",
        ".When(new LampLit(new LampId(\"a\"))).ThenCount(0);")]
    [InlineData(
        "Specification.For<Lamp>()\n    .When(lamp => lamp.Light());",
        "Specification.For<Lamp>()\n    .When(lamp => lamp.Light())\n    .ThenNothing();")]
    public async Task The_fix_adds_an_expectation(string wrong, string right)
    {
        var result = await CodeFixRunner.Fix("MILL0260", Body(wrong));

        Assert.Contains(right, result.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_adds_an_expectation_to_an_awaited_consumer_specification()
    {
        var result = await CodeFixRunner.Fix("MILL0260", AsyncBody($"await {Consumer}.When(\"lamp.lit\", \"{{}}\");"));

        Assert.Contains(
            $"(await {Consumer}.When(\"lamp.lit\", \"{{}}\")).ThenPasses();", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[Fact] public void A_lamp_is_lit() => {0};", "public async Task A_lamp_is_lit() => await {0};")]
    [InlineData(
        "[Fact] public HostSpecification A_lamp_is_lit() => {0};", "public async Task A_lamp_is_lit() => await {0};")]
    [InlineData("[Fact] public HostSpecification Lit() {{ return {0}; }}", "public async Task Lit() {{ await {0}; }}")]
    [InlineData("[Fact] public void Lit() {{ {0}; }}", "public async Task Lit() {{ await {0}; }}")]
    [InlineData("[Fact] public void Lit() {{ {0}.Run(); }}", "public async Task Lit() {{ await {0}.Run(); }}")]
    [InlineData(
        "[Fact] public async Task Lit() {{ await Task.Yield(); var run = {0}; }}",
        "public async Task Lit() {{ await Task.Yield(); await {0}; }}")]
    public async Task The_fix_awaits_a_host_specification(string wrong, string right)
    {
        var result = await CodeFixRunner.Fix(
            "MILL0261", Member(string.Format(System.Globalization.CultureInfo.InvariantCulture, wrong, Host)));

        Assert.Contains(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, right, Host),
            result,
            StringComparison.Ordinal);
    }
}
