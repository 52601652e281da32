// Runs before the first paint, so that neither a flash of the wrong theme nor of the wrong language is seen. It stands in
// the page itself; its hash is in the page's Content-Security-Policy.
export const firstScript = `(function(){var d=document.documentElement,s;try{s=localStorage}catch(e){s={}}
var t=s["lexcustis.theme"];if(t==="light"||t==="dark")d.dataset.theme=t;
var l=s["lexcustis.language"]||(navigator.language||"en").slice(0,2);if(LANGUAGES.indexOf(l)<0)l="en";d.lang=l;if(l!=="en")d.dataset.words="loading"})()`;
