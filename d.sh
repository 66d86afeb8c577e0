. /tmp/helper_user_w/env.sh; new; C=$NUCLIA_CONFIG_DIR; mkdir -p $C/profiles
w(){ printf "$2" > $C/profiles/$1.toml; chmod 600 $C/profiles/$1.toml; }
w ak 'kind="kb"\nurl="https://europe-1.dp.progress.cloud/api/v1/kb/a"\naccount="A"\napi_key="kkkkkkkkkkkk"\n'
w bk 'kind="kb"\nurl="https://europe-1.dp.progress.cloud/api/v1/kb/b"\naccount="B"\napi_key="kkkkkkkkkkkk"\n'
w an 'kind="nua"\nissuer="https://europe-1.dp.progress.cloud"\naccount="A"\nnua_key_env="X"\n'
w bp 'kind="personal-token"\naccount="B"\ntoken="tttttttttttttttt"\n'
w db 'kind="nucliadb"\nurl="http://localhost:8080"\n'
r(){ $P -c "import nucliactl,sys
try: print(nucliactl.resolve($1))
except Exception as e: print(type(e).__name__, getattr(e,'exit_code','?'), e)"; }
echo "# guard"; $N use ak 2>/dev/null; $N use bp 2>/dev/null
r 'kind="kb"'; r 'kind="nua"'; r 'kind=("nua","nucliadb")'; r 'kind=("kb","nua")'; r 'kind=("nucliadb","nua")'
echo "# env + list, other kind broken"
NUCLIA_PROFILE=env,an NUCLIA_API_KEY=x r 'kind="nua"'
NUCLIA_PROFILE=an,env NUCLIA_API_KEY=x r 'kind="nua"'
NUCLIA_PROFILE=an,env NUCLIA_API_KEY=x r ''
w dmg 'kind=\n'; NUCLIA_PROFILE=an,dmg r 'kind="nua"'
echo "# env two kinds half";  NUCLIA_API_KEY=x NUCLIA_PERSONAL_TOKEN=yyyyyyyy r ''
NUCLIA_API_KEY=x NUCLIA_PERSONAL_TOKEN=yyyyyyyy $N explain
echo "# resolve name list"; r '"ak,an"'; r '"env"'; r '"all"'; r '"AK"'; r 'kind=[]'; r 'kind="personal_token"'; NUCLIA_KIND=personal_token NUCLIA_PERSONAL_TOKEN=yyyyyyyy r ''
NUCLIA_KIND=nua NUCLIA_API_KEY=x r ''; 
echo "# arag"; ARAG_ZONE=europe-1 NUCLIA_KBID=abc ARAG_API_KEY=kkk r ''; ARAG_REGION=europe-1 ARAG_KB_ID=abc ARAG_API_KEY=kkk r ''
NUCLIA_ZONE=europe-1 NUCLIA_REGION=aws r ''; NUCLIA_KBID="a b" NUCLIA_ZONE=europe-1 NUCLIA_API_KEY=k r ''; NUCLIA_KB_URL=https://europe-1.dp.progress.cloud/api/v1/kb/a NUCLIA_KB_PUBLIC=1 NUCLIA_API_KEY=kkk r ''
NUCLIA_USER_TOKEN=$'tok\nX: y' NUCLIA_DOMAIN=progress.cloud  $N auth token -o json
NUCLIA_NUA_KEY=  NUCLIA_NUA_ORIGIN=https://x.progress.cloud r ''; NUCLIA_USER_TOKEN= NUCLIA_GLOBAL_URL=https://x r ''
NUCLIA_API_URL=https://europe-1.dp.progress.cloud NUCLIA_KBID=x NUCLIA_API_KEY_FILE= r ''
echo "# explain identical"; $N explain --kind nua -o json | $P -c 'import json,sys; d=json.load(sys.stdin); print(d["profile"], d["exit_code"], [ (c["rank"],c["profile"],c["outcome"]) for c in d["candidates"]])'
r 'kind="nua"'
echo "# active traversal"; printf '{"version":1,"current":"../x/y","previous":null,"last":{}}' > $C/active.json; mkdir -p $C/x; cp $C/profiles/ak.toml $C/x/y.toml; $N current; $N list -o name | head -2; $N auth token
printf '{"version":1,"current":"env","previous":"env","last":{}}' > $C/active.json;  $N current; NUCLIA_PERSONAL_TOKEN=yyyyyyyyyyyy $N use -
echo "# timeouts/first hint"; rm -r $C/profiles; rm $C/active.json; $N auth token; $N logout; $N use -; $N use x
NUCLIA_CONFIG_DIR=rel $N explain; echo rc=$?; NUCLIA_PROFILES_PATH=rel $N list; echo rc=$?
for s in "$N auth nua -" "$N auth personal-token" "$N auth kb"; do $s </dev/null; echo rc=$?; done
