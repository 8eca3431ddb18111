using Site;

// Site SOURCE OUTPUT: builds the site of a repository. The exit code is 1 for a broken link or a diagram that cannot be
// drawn, and 2 when the output folder cannot be used.
if (args is not [var source, var output])
{
    Console.Error.WriteLine("Site SOURCE OUTPUT");
    return 2;
}

var (root, folder) = (Path.GetFullPath(source), Path.GetFullPath(output));
if (SiteFolder.Refusal(root, folder) is { } refusal)
{
    Console.Error.WriteLine(refusal);
    return 2;
}

var build = new SiteBuild(root, folder);
var dead = build.Run();
foreach (var problem in dead.Concat(build.UnrenderedDiagrams))
    Console.Error.WriteLine(problem);
if (dead.Count > 0)
    Console.Error.WriteLine($"{dead.Count} links are broken.");
if (build.UnrenderedDiagrams.Count > 0)
    Console.Error.WriteLine($"{build.UnrenderedDiagrams.Count} diagrams cannot be drawn.");
var isWhole = dead.Count + build.UnrenderedDiagrams.Count == 0;
if (isWhole)
    Console.Error.WriteLine($"The site is in {output}: open {Path.Combine(output, "index.html")}");
return isWhole ? 0 : 1;
