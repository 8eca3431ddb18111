namespace Millrace.Cli.Design.Project;

/// <summary>Creates the files of a starting project with tests from a proposal.</summary>
internal static class ProjectFiles
{
    /// <param name="proposal">The proposal.</param>
    /// <param name="description">The text of the description, which becomes a file of the project.</param>
    /// <param name="version">The version of the packages.</param>
    public static IReadOnlyDictionary<string, string> Of(DesignProposal proposal, string description, string version)
    {
        var name = proposal.File.Application;
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["README.md"] = Readme(proposal),
            [name + ".slnx"] = Solution(name),
            ["Directory.Build.props"] = Properties,
            [$"{name}.design"] = description,
            [$"src/{name}/{name}.csproj"] = Application(proposal, version),
            [$"src/{name}/{name}Model.cs"] = Model(proposal),
            [$"src/{name}/Program.cs"] = ProgramCode.Of(proposal),
            [$"tests/{name}.Tests/{name}.Tests.csproj"] = Tests(proposal, version),
        };
        foreach (var aggregate in proposal.Aggregates)
        {
            var folder = $"src/{name}/{aggregate.Of.Context}/{aggregate.Of.Name}";
            files[folder + "Values.cs"] = new AggregateCode(proposal, aggregate).Values();
            files[folder + "Events.cs"] = new AggregateCode(proposal, aggregate).Events();
            files[folder + "Commands.cs"] = new AggregateCode(proposal, aggregate).Commands();
            files[folder + ".cs"] = new AggregateCode(proposal, aggregate).Aggregate();
            files[$"tests/{name}.Tests/{aggregate.Of.Context}/{aggregate.Of.Name}Tests.cs"] = new SpecificationCode(
                proposal, aggregate).Write();
        }
        foreach (var model in proposal.ReadModels)
            files[$"src/{name}/{model.Entity.Of.Context}/{model.Name}.cs"] = new ReadModelCode(proposal, model).Write();
        return files;
    }

    /// <summary>The ids that have the same names as library types in the namespaces of every project.</summary>
    public static readonly string[] LibraryIds =
        ["ApplicationId", "BackupSetId", "EventId", "ShardId", "StreamId", "TenantId"];

    private const string Properties = """
        <Project>
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <!-- SQLite's package has a library for Alpine under a name that .NET no longer resolves. -->
            <NoWarn>$(NoWarn);NETSDK1206</NoWarn>
          </PropertyGroup>
        </Project>

        """;

    private static string Model(DesignProposal proposal)
    {
        var code = new CSharpWriter().Line($"namespace {proposal.File.Application};").EmptyLine()
            .Summary(proposal.File.Summary ?? "The model of the application. The source generator fills it.")
            .Line("[Model]").Line($"public sealed partial class {proposal.File.Application}Model;");
        foreach (var outside in proposal.File.Outside)
            code.EmptyLine().Summary(
                $"The id of a {outside.Name}, which another system manages.").Line("[Id<Guid>]").Line(
                $"public readonly partial record struct {outside.Name}Id;");
        return code.ToString();
    }

    private static string Application(DesignProposal proposal, string version) => $"""
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <RootNamespace>{proposal.File.Application}</RootNamespace>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Millrace.AspNetCore" Version="{version}" />
            <PackageReference Include="Millrace.Sqlite" Version="{version}" />
          </ItemGroup>
          <ItemGroup>
            <Using Include="Millrace" />
        {Usings(proposal)}
          </ItemGroup>
        </Project>

        """;

    private static string Tests(DesignProposal proposal, string version) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <IsPackable>false</IsPackable>
            <IsTestProject>true</IsTestProject>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Millrace.Testing" Version="{version}" />
            <PackageReference Include="Microsoft.NET.Test.Sdk" Version="18.11.0" />
            <PackageReference Include="xunit" Version="2.9.3" />
            <PackageReference Include="xunit.runner.visualstudio" Version="4.0.1" />
          </ItemGroup>
          <ItemGroup>
            <ProjectReference Include="../../src/{proposal.File.Application}/{proposal.File.Application}.csproj" />
          </ItemGroup>
          <ItemGroup>
            <Using Include="Millrace" />
            <Using Include="Millrace.Testing" />
            <Using Include="Xunit" />
            <Using Include="{proposal.File.Application}" />
        {Usings(proposal)}
          </ItemGroup>
        </Project>

        """;

    private static string Usings(DesignProposal proposal)
    {
        var (name, lines) = (proposal.File.Application, new List<string>());
        lines.AddRange(proposal.Contexts.Select(context => $"    <Using Include=\"{name}.{context.Name}\" />"));
        foreach (var aggregate in proposal.Aggregates.Where(one => LibraryIds.Contains(one.Id)))
            lines.Add(
                $"    <Using Include=\"{name}.{aggregate.Of.Context}.{aggregate.Id}\" Alias=\"{aggregate.Id}\" />");
        foreach (var id in proposal.File.Outside.Select(one => one.Name + "Id").Where(LibraryIds.Contains))
            lines.Add($"    <Using Include=\"{name}.{id}\" Alias=\"{id}\" />");
        return string.Join('\n', lines);
    }

    private static string Solution(string name) => $"""
        <Solution>
          <Project Path="src/{name}/{name}.csproj" />
          <Project Path="tests/{name}.Tests/{name}.Tests.csproj" />
        </Solution>

        """;

    private static string Readme(DesignProposal proposal) => $"""
        # {proposal.File.Application}

        {proposal.File.Summary ?? "An application on Millrace."}

        `dotnet test` runs its tests, `dotnet run --project src/{proposal.File.Application}` starts it,
            and stores its events in `{proposal.File.Application.ToLowerInvariant()}.db`.
        It was generated from the design `{proposal.File.Application}.design`. From now on, change the code;
            `millrace model diagram` draws its model.

        """;
}
